using Stepper.Cluster;
using Stepper.Cluster.Nodes;
using Stepper.Cluster.Workloads;
using Stepper.StepRunner.Gates;
using Stepper.StepRunner.Gates.Compatibility;
using Stepper.StepRunner.Phases.Parts;
using Stepper.StepRunner.Spawning;
using Stepper.StepRunner.State;

namespace Stepper.StepRunner.Phases;

/// <summary>All gates first, and nothing changed before all of them hold; then the run is in flight, with a snapshot, and the nodes are made ready for it.</summary>
internal sealed class PreflightPhase(
    ControlPlanePods controlPlane, GateList gates, RunState state, ChainJobs jobs, EtcdSnapshot snapshot, NotReadyPods notReady, NodesPrepared prepared,
    Gauges gauges, Milestones milestones, Wait wait) : IPhase
{
    public async Task<StepEnd> RunAsync(Step step, IReadOnlyList<ClusterNode> nodes, CancellationToken ct)
    {
        var answers = await gates.AskAllAsync(new GateFacts(step, nodes, await controlPlane.ListAsync(ct)), ct);
        await gauges.PushCompatibilityAsync(answers.First(answer => answer.Gate is CompatibilityGate).Verdict!.Readiness, ct);
        var asked = GateList.OutcomeOf(answers);
        if (asked.End is { } end)
        {
            return end;
        }

        var (flight, refused) = await TakeAsync(step.Run, ct);
        if (refused is not null)
        {
            return StepEnd.Refused($"not begun. wait: {refused}");
        }

        milestones.NoteOn(flight, byJob: true);
        await gauges.DeleteDurationsAsync(Names(nodes, isControlPlane: false), Names(nodes, isControlPlane: true), ct);
        await gauges.PushStateAsync(flight, ct);
        await milestones.ReachAsync($"the run {step.Run} is in flight", ct);
        // Asked before: a snapshot that was taken is recorded at once.
        var owners = await notReady.OwnersAsync(ct);
        var path = await snapshot.TakeAsync(step.Run, ct);
        flight = await state.SetSnapshotAsync(path, owners, ct);
        milestones.NoteOn(flight, byJob: true);
        await gauges.PushStateAsync(flight, ct);
        await milestones.ReachAsync(path == EtcdSnapshot.None ? "no etcd snapshot: setting snapshot.mode is none" : $"etcd snapshot: {path}", ct);
        await prepared.PrepareAsync(step, nodes, ct);
        var warnings = asked.Told.Select(warning => $"{warning}").Concat(RuntimeLag.Of(nodes) is { } lag ? [lag] : []).Select(warning => $". Warning: {warning}");
        return StepEnd.Done($"K8s upgrade to {step.Target} begins ({step.Kind.Text()}): all gates hold, etcd snapshot: {path}{string.Concat(warnings)}");
    }

    // The lock: compare-and-swap, decided anew by what is there each time somebody else was faster. The run in flight, or why there is another.
    private async Task<(InFlight? Flight, string? Refused)> TakeAsync(Run run, CancellationToken ct)
    {
        while (true)
        {
            var seen = await state.ReadAsync(ct);
            if (OneRunGate.WhyNot(seen.InFlight, run, await jobs.ListAsync(ct), wait.Now) is { } why)
            {
                return (null, why);
            }

            if ((seen.InFlight?.Run == run ? seen.InFlight : await state.TryTakeAsync(run, seen, ct)) is { } taken)
            {
                return (taken, null);
            }
        }
    }

    private static IReadOnlyList<string> Names(IReadOnlyList<ClusterNode> all, bool isControlPlane) =>
        [.. all.Where(node => node.IsControlPlane == isControlPlane).Select(node => node.Name)];
}
