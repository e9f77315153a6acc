namespace Stepper.StepRunner.Spawning;

/// <summary>The name of a step's Job: the same for the same step, so that there is never a second one beside it.</summary>
internal static class JobName
{
    public static string Of(Step step) => DnsLabel.Of(
        $"k8s-upgrade-{step.Phase.Text()}-{step.Target.Dashed}" + (step.Phase is PhaseName.Worker ? "-" + step.NodeName : ""));
}
