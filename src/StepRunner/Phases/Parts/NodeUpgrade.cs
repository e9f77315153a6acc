using Stepper.Cluster;
using Stepper.Cluster.Kubernetes;
using Stepper.Cluster.Nodes;
using Stepper.Cluster.NodeShell;
using Stepper.Cluster.Versions;
using Stepper.StepRunner.Drain;
using Stepper.StepRunner.State;

namespace Stepper.StepRunner.Phases.Parts;

/// <summary>
/// What both kinds of node go through: cordon, drain, node script, Ready at the new version, uncordon; of that only what is left. Where it can't go on it
/// leaves the node safe: uncordoned while its packages are untouched, cordoned on purpose once they are not.
/// </summary>
internal sealed class NodeUpgrade(
    KubeApi api,
    INodeShell shell,
    NodeList nodes,
    Cordons cordons,
    NodesAway away,
    OwnHost host,
    NodeDrain drain,
    NodeScriptRun script,
    NodeScripts scripts,
    Quiesced quiesced,
    Milestones milestones,
    Wait wait,
    TimeSpan readyTimeout)
{
    // Less than the pod's termination grace: what was taken must be given back before SIGKILL.
    private static readonly TimeSpan GiveBackWithin = TimeSpan.FromSeconds(45);

    // Who waited longer for its turn looks again at who is on the node.
    private static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(30);

    /// <param name="left">What <see cref="NodeCheck"/> says is left; not done.</param>
    /// <param name="notes">Null for none.</param>
    /// <returns>What the drain did; null when there was nothing to drain for.</returns>
    /// <exception cref="AbortException">With what happened and what state the node is left in.</exception>
    public async Task<DrainReport?> RunAsync(Step step, ClusterNode node, NodeLeft left, NodeNotes? notes, CancellationToken ct)
    {
        var (before, found) = await left.OrAsFoundAsync(node.Name, async () =>
        {
            var inspection = await shell.InspectAsync(node.Target, ct);
            var pods = await host.MustBeElsewhereAsync(node.Name, ct);
            return (inspection, notes is null ? [] : await notes.BeforeCordon(pods));
        });
        DrainReport? drained = null;
        IReadOnlyList<Note> came = [];
        try
        {
            if (left.Upgrade || left.ScriptRuns)
            {
                drained = await EmptyAsync(step, node, left, found, ct);
            }
            else
            {
                await cordons.NoteAsync(node.Name, found, ct);
            }

            if (left.Upgrade || left.ScriptRuns || left.Hold)
            {
                await ChangeAsync(step, node, left, ct);
            }

            if (drained is not null && notes is not null)
            {
                came = await notes.BeforeUncordon(drained);
            }

            await RejoinsAsync(step, node, came, ct);
            return drained;
        }
        catch (Exception e) when (e is AbortException or SourceException or OperationCanceledException)
        {
            var state = await LeaveSafeAsync(step, node, before, came);
            throw e is OperationCanceledException ? new StoppedException(state, e) : new AbortException($"{e.Message.TrimEnd('.')}. {state}", e);
        }
    }

    private async Task<DrainReport> EmptyAsync(Step step, ClusterNode node, NodeLeft left, IReadOnlyList<Note> found, CancellationToken ct)
    {
        var since = wait.Now;
        // Where the node script runs the node is away already, whatever others are.
        var taken = left.ScriptRuns ? await cordons.TakeAsync(node, step.Run, ct, found) : await away.CordonAsync(node.Name, step.Run, found, ct);
        await (taken switch
        {
            CordonTaken.Now => milestones.ReachAsync($"{node.Name} cordoned", "Cordoned", ct),
            CordonTaken.ByAnEarlierTry => milestones.ReachAsync($"{node.Name} is cordoned since an earlier try", ct),
            _ => milestones.ReachAsync($"{node.Name} was cordoned by someone before, and will stay so", "Cordoned", ct),
        });
        if (wait.Now - since > FreshFor)
        {
            await host.MustBeElsewhereAsync(node.Name, ct);
        }

        var report = await drain.RunAsync(node.Name, gone => milestones.ReachAsync($"{node.Name}: {gone} pods gone", ct), ct);
        if (!report.IsDrained)
        {
            throw new AbortException(InOneLine(report));
        }

        await milestones.ReachAsync(InOneLine(report), "Drained", ct);
        return report;
    }

    private static string InOneLine(DrainReport report) => report.InWords().Replace("\n", "; ", StringComparison.Ordinal);

    private async Task ChangeAsync(Step step, ClusterNode node, NodeLeft left, CancellationToken ct)
    {
        if (left.ScriptRuns)
        {
            await milestones.ReachAsync($"{node.Name}: the node script of an earlier try still runs, and is followed", ct);
        }

        else if (left.Upgrade)
        {
            await MustStillBeCordonedAsync(node.Name, ct);
        }

        if (node.IsControlPlane)
        {
            await quiesced.TakeAsync(ct);
        }

        await script.RunAsync(node, scripts.For(step, node), ct);
        if (node.IsControlPlane)
        {
            await quiesced.GiveBackAsync(ct);
        }
    }

    // The last look before the packages change. Whoever uncordons a node that is being drained means it.
    private async Task MustStillBeCordonedAsync(string node, CancellationToken ct)
    {
        if (!(await nodes.GetAsync(node, ct)).IsCordoned)
        {
            throw new AbortException($"{node} was uncordoned by somebody while it was drained; its packages are not changed under running pods");
        }
    }

    private async Task RejoinsAsync(Step step, ClusterNode node, IReadOnlyList<Note> came, CancellationToken ct)
    {
        var still = "";
        var joined = await api.WatchUntilAsync(Resources.Nodes, null, KubeQuery.Named(node.Name), readyTimeout, seen =>
        {
            var now = seen.Values.Select(NodeList.Read).FirstOrDefault();
            still = now switch
            {
                null => "there is no such node any more",
                { IsReady: false } => "it is not Ready",
                _ when now.Kubelet != step.Target => $"its kubelet reports {now.Kubelet}",
                _ => "",
            };
            return still.Length == 0 ? now : null;
        }, ct);
        if (joined is null)
        {
            throw new AbortException($"{node.Name} did not become Ready at {step.Target} within {readyTimeout.TotalMinutes:0} min: {still}");
        }

        await milestones.ReachAsync($"{node.Name} is Ready at {step.Target}", "Upgraded", ct);
        if (await cordons.GiveBackAsync(node.Name, isByItsStep: true, ct, joined, came))
        {
            await milestones.ReachAsync($"{node.Name} uncordoned", "Uncordoned", ct);
        }
    }

    // Not with the step's own token: a step that is told to stop must still give back.
    private async Task<string> LeaveSafeAsync(Step step, ClusterNode node, NodeInspection before, IReadOnlyList<Note> came)
    {
        using var limit = new CancellationTokenSource(GiveBackWithin, wait.Time);
        try
        {
            var now = await shell.InspectAsync(node.Target, limit.Token);
            if (now.ScriptRuns)
            {
                return $"The node script still runs on {node.Name}, which stays cordoned; the next try attaches to it";
            }

            await quiesced.GiveBackAsync(limit.Token);
            if (IsTouched(now, before, step.Target, node.Name))
            {
                return await cordons.KeepAsync(node.Name, limit.Token, came)
                    ? $"{node.Name} stays cordoned on purpose: its packages were changed ({Versions(now)})"
                    : $"{node.Name} bears no cordon of the chain, and its packages were changed ({Versions(now)})";
            }

            await cordons.GiveBackAsync(node.Name, isByItsStep: true, limit.Token, notes: came);
            return $"{node.Name} is as it was before: its packages are untouched, and no cordon of the chain is on it";
        }
        catch (Exception e) when (e is SourceException or OperationCanceledException)
        {
            return $"{node.Name} stays cordoned: whether its packages were changed could not be asked ({e.Message.TrimEnd('.')})";
        }
    }

    // On a second try the packages may have been changed by the first: one at the target on a node that is not done tells.
    private static bool IsTouched(NodeInspection now, NodeInspection before, KubeVersion target, string node) =>
        NodeInspection.KubernetesPackages.Any(package =>
            now.Packages.GetValueOrDefault(package) != before.Packages.GetValueOrDefault(package)
            || (now.Packages.ContainsKey(package) && now.Release(package, node) == target));

    private static string Versions(NodeInspection now) =>
        string.Join(", ", NodeInspection.KubernetesPackages.Select(package => $"{package} {now.Packages.GetValueOrDefault(package, "not installed")}"));
}
