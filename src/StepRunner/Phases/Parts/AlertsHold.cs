using Stepper.Cluster;
using Stepper.StepRunner.Gates;

namespace Stepper.StepRunner.Phases.Parts;

/// <summary>The alerts gate as the phases after preflight use it: at once, or within <c>alertWait</c>, since the chain's own drain may have moved Prometheus.</summary>
internal sealed class AlertsHold(AlertGate gate, Wait wait, TimeSpan alertWait, Milestones milestones)
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    /// <exception cref="AbortException">They do not hold.</exception>
    public async Task MustHoldNowAsync(Step step, CancellationToken ct)
    {
        if (await WhyNotAsync(step, ct) is { } why)
        {
            throw new AbortException($"The alerts gate does not hold: {why}");
        }
    }

    /// <exception cref="AbortException">They did not hold within the time.</exception>
    public Task MustHoldInTimeAsync(Step step, CancellationToken ct) => MustHoldWithinAsync(step, alertWait, ct);

    /// <summary>For as long as something lasts: asked each minute, and waited for no longer than <c>alertWait</c> in all.</summary>
    /// <param name="minute">What there is to say after a minute in which they held.</param>
    /// <exception cref="AbortException">They did not hold within the time.</exception>
    public async Task MustHoldThroughoutAsync(Step step, TimeSpan length, Func<TimeSpan, Task> minute, CancellationToken ct)
    {
        var patience = alertWait;
        for (var left = length; left > TimeSpan.Zero;)
        {
            var next = left < Every ? left : Every;
            await wait.ForAsync(next, ct);
            var asked = wait.Now;
            await MustHoldWithinAsync(step, patience, ct);
            patience -= wait.Now - asked;
            left -= next;
            await minute(left);
        }
    }

    private async Task MustHoldWithinAsync(Step step, TimeSpan atMost, CancellationToken ct)
    {
        if (await wait.UntilAsync(atMost, Every, token => ToldAsync(step, token), ct) is { } why)
        {
            throw new AbortException($"Waited {alertWait.TotalMinutes:0} min for {gate.Condition}; still {why}");
        }
    }

    /// <summary>At the end: alerts that began during the run are waited for; older ones are only said.</summary>
    /// <exception cref="AbortException">One that began during the run stays.</exception>
    public async Task NoneMayBeNewAsync(Step step, CancellationToken ct)
    {
        if (await wait.UntilAsync(alertWait, Every, NewAsync, ct) is { } why)
        {
            throw new AbortException($"Waited {alertWait.TotalMinutes:0} min for the alerts that began during the run to end; still {why}");
        }

        async Task<string?> NewAsync(CancellationToken token)
        {
            try
            {
                var (before, since) = await gate.SplitAsync(step.Phase, step.Run.Start, token);
                await milestones.ReachAsync(before.Count == 0 ? "no alert from before the run fires" : $"warning: from before the run, {AlertGate.Firing(before)}", token);
                return since.Count == 0 ? null : await SaidAsync(AlertGate.Firing(since), token);
            }
            catch (SourceException e)
            {
                return await SaidAsync($"can't tell whether alerts fire: {e.Message}", token);
            }
        }

        async Task<string> SaidAsync(string why, CancellationToken token)
        {
            await milestones.ReachAsync($"waiting for the alerts that began during the run to end: {why}", token);
            return why;
        }
    }

    private async Task<string?> WhyNotAsync(Step step, CancellationToken ct)
    {
        try
        {
            return await gate.WhyNotAsync(step.Phase, ct);
        }
        catch (SourceException e)
        {
            return $"can't tell whether alerts fire: {e.Message}";
        }
    }

    private async Task<string?> ToldAsync(Step step, CancellationToken ct)
    {
        var why = await WhyNotAsync(step, ct);
        if (why is not null)
        {
            await milestones.ReachAsync($"waiting for {gate.Condition}: {why}", ct);
        }

        return why;
    }
}
