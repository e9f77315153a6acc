namespace Stepper.StepRunner;

/// <summary>The phases of a chain, in their order.</summary>
internal enum PhaseName
{
    Preflight,
    Master,
    Worker,
    Postflight,
}
