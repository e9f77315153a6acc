using Stepper.Simulation.Processes;

namespace Stepper.Scenarios.Tests.Kills;

/// <summary>One place where a pod of stepper's is ended: at a call across a seam, before it or after it took effect.</summary>
/// <param name="Call">The call as the undisturbed run has it; what is found there in a disturbed run must be the same.</param>
internal sealed record KillPoint(int Seed, SeamCall Call, Moment Moment)
{
    /// <summary>With what it takes to run it again alone: <see cref="KillSweep.Replay"/>.</summary>
    public override string ToString() => $"seed {Seed}, call {Call.Index}, {Moment} ({Call.Pod} {Call.Seam} {Call.What})";
}
