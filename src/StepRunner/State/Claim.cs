using Stepper.StepRunner.Spawning;

namespace Stepper.StepRunner.State;

/// <summary>Whether a step may work: its run must be the one in flight. Pure.</summary>
internal static class Claim
{
    /// <summary>Null: it may. An end: there is nothing left for it to do.</summary>
    /// <param name="isByHand">A step by hand may work beside any run.</param>
    /// <param name="jobs">Asked only when the run is not the one in flight.</param>
    /// <exception cref="AbortException">It may not.</exception>
    public static async Task<StepEnd?> CheckAsync(Step step, bool isByHand, InFlight? flight, Func<Task<IReadOnlyList<ChainJob>>> jobs)
    {
        if (step.Phase is PhaseName.Preflight || flight?.Run == step.Run || (flight is null && isByHand))
        {
            return null;
        }

        // A step that was killed after it had begun its successor comes back when the chain has gone on, perhaps to its end.
        var ofRun = (await jobs()).Where(job => job.Run == step.Run).ToList();
        if (flight is null && step.Phase is PhaseName.Postflight)
        {
            return null;
        }

        return flight is null && ofRun.Exists(job => job.Phase is PhaseName.Postflight && job.State is not JobState.Failed)
            ? StepEnd.Done("the chain has gone on to its end meanwhile; nothing is left for this step")
            : throw new AbortException($"Nothing was changed. This step is of the run {step.Run}, and {(flight is null ? "no run" : $"the run {flight.Run}")} is in flight");
    }
}
