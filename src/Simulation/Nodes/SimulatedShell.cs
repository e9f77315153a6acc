using Stepper.Cluster;
using Stepper.Cluster.NodeShell;
using Stepper.Cluster.Versions;
using Stepper.Simulation.Controllers;
using Stepper.Simulation.Printed;

namespace Stepper.Simulation.Nodes;

/// <summary>The nodes of the simulation behind the seam that real ones are reached through.</summary>
internal sealed class SimulatedShell(ControlPlane plane, PackageRepository packages, SortedDictionary<string, Kubelet> kubelets) : INodeShell
{
    private static readonly TimeSpan ConnectTakes = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan ConnectGivenUpAfter = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PlanTakes = TimeSpan.FromSeconds(11);
    private static readonly TimeSpan DiffTakes = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FollowsAtMost = TimeSpan.FromSeconds(20);

    // Ten writes of an etcd that is left alone.
    private static readonly TimeSpan EtcdTakes = TimeSpan.FromSeconds(3);

    private readonly Wait _wait = new(plane.Time);

    /// <summary>Asked with the node's name at each connection: true drops it in the middle, after what was asked has happened.</summary>
    public Func<string, bool> Drops { get; set; } = _ => false;

    /// <summary>How far a node's clock is ahead.</summary>
    public Func<string, TimeSpan> ClockAhead { get; set; } = _ => TimeSpan.Zero;

    /// <summary>What an operator's script answers; by default that it went well.</summary>
    public Func<SimulatedNode, string, CommandResult> Hook { get; set; } = (_, _) => new CommandResult(0, "");

    /// <summary>Told of each run of the node script when it starts.</summary>
    public event Action<SimulatedNode, NodeScriptRun>? Started;

    public Task<IReadOnlyList<KubeVersion>> AvailableKubeadmAsync(NodeTarget node, CancellationToken ct) =>
        OnAsync<IReadOnlyList<KubeVersion>>(node, TimeSpan.FromSeconds(3), there => [.. packages.Of(there.Node.Source).OrderDescending()], ct);

    public Task<NodeInspection> InspectAsync(NodeTarget node, CancellationToken ct) => OnAsync(node, TimeSpan.FromSeconds(0.4), Inspect, ct);

    public Task<NodeSurvey> SurveyAsync(NodeTarget node, KubeVersion target, string repository, CancellationToken ct) =>
        OnAsync(node, TimeSpan.FromSeconds(0.4), there => SimulatedSurvey.Of(there.Node, packages, target, plane.Now + ClockAhead(node.Name)), ct);

    public Task<KubeletFlags> KubeletFlagsAsync(NodeTarget node, CancellationToken ct) =>
        OnAsync(node, TimeSpan.FromSeconds(0.4), there => new KubeletFlags([.. there.Node.KubeletFlags], []), ct);

    public Task<CommandResult> KubeadmPlanAsync(NodeTarget node, KubeVersion target, IReadOnlyList<string> ignored, CancellationToken ct) =>
        OnAsync(node, PlanTakes, there => KubeadmPlan.Of(plane, there.Node, target, ignored), ct);

    public Task<CommandResult> KubeadmDiffAsync(NodeTarget node, KubeVersion target, CancellationToken ct) =>
        OnAsync(node, DiffTakes, there => KubeadmDiff.Of(plane, there.Node, target), ct);

    public Task PruneKubeadmScratchAsync(NodeTarget node, TimeSpan olderThan, CancellationToken ct) =>
        OnAsync(
            node,
            TimeSpan.FromSeconds(0.3),
            there =>
            {
                foreach (var left in there.Node.KubeadmScratch.Where(left => left < plane.Now - olderThan).ToList())
                {
                    there.Node.KubeadmScratch.Remove(left);
                }

                return true;
            },
            ct);

    public Task UseReleaseLineAsync(NodeTarget node, MinorVersion line, string repository, CancellationToken ct) =>
        OnAsync(node, TimeSpan.FromSeconds(2), there => there.Node.Source = line, ct);

    public Task<CommandResult> FetchAheadAsync(NodeTarget node, KubeVersion target, CancellationToken ct) =>
        OnAsync(
            node,
            kubelets[node.Name].Node.FetchTakes,
            there =>
            {
                if (!packages.Of(there.Node.Source).Contains(target))
                {
                    var refused = Recording.Of("apt/no-such-version");
                    return new CommandResult(refused.ExitCode, refused.For(("target", target)));
                }

                there.Node.Fetched = target;
                return new CommandResult(0, $"fetched kubeadm, kubelet and kubectl {target} and their images");
            },
            ct);

    public Task<ScriptRun> StartScriptAsync(NodeTarget node, NodeScript script, CancellationToken ct) =>
        OnAsync(node, TimeSpan.FromSeconds(0.6), there => Start(there, script).Seen, ct);

    public async Task<ScriptProgress> FollowScriptAsync(NodeTarget node, ScriptRun run, long fromByte, CancellationToken ct)
    {
        var there = await ReachAsync(node, ct);
        var followed = there.Node.Scripts.FirstOrDefault(each => each.Id == run.Id)
            ?? throw new ShellException($"{node.Name} has no run {run.Id} of the node script", mayPass: false);
        if (followed.State == ScriptState.Running && followed.Length <= fromByte)
        {
            await NewsAsync(followed, ct);
        }

        if (!there.Node.IsAlive || there.Node.Ssh != SshState.Reachable || Drops(node.Name))
        {
            throw Dropped(node);
        }

        return new ScriptProgress(followed.State, followed.ExitCode, followed.Log[(int)fromByte..], followed.Length);
    }

    public Task<CommandResult> RunHookAsync(NodeTarget node, string script, CancellationToken ct) =>
        OnAsync(node, TimeSpan.FromSeconds(2), there => Hook(there.Node, script), ct);

    public Task<EtcdReport> EtcdAsync(NodeTarget node, CancellationToken ct) =>
        OnAsync(node, EtcdTakes, there => Etcd.Report(there.Node, [.. kubelets.Values.Select(kubelet => kubelet.Node)], EtcdTakes), ct);

    public Task<SavedEtcd> SaveEtcdAsync(NodeTarget node, string name, TimeSpan reuse, CancellationToken ct) =>
        OnAsync(node, TimeSpan.FromSeconds(4), there => Etcd.Save(there.Node, name, reuse, plane.Now), ct);

    /// <summary>Starts a run, or gives back the one that goes.</summary>
    public NodeScriptRun Start(Kubelet there, NodeScript script) => there.Node.RunningScript ?? StartBeside(there, script);

    /// <summary>Starts a run whether or not one goes: as by hand, past the lock.</summary>
    public NodeScriptRun StartBeside(Kubelet there, NodeScript script)
    {
        var run = new NodeScriptRun($"{plane.Now:yyyyMMddTHHmmss}-{there.Node.Scripts.Count + 1}", script, plane.Now);
        there.Node.Add(run);
        Started?.Invoke(there.Node, run);
        new NodeScriptMachine(plane, packages, there, run).Start();
        return run;
    }

    private async Task NewsAsync(NodeScriptRun run, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        await Task.WhenAny(run.NextAsync(), _wait.ForAsync(FollowsAtMost, limit.Token));
        ct.ThrowIfCancellationRequested();
        limit.Cancel();
    }

    private static NodeInspection Inspect(Kubelet there) => new(
        new Dictionary<string, string>(there.Node.Packages, StringComparer.Ordinal),
        there.Node.Held.ToHashSet(StringComparer.Ordinal),
        there.Node.Scripts.Count == 0 ? null : there.Node.Scripts[^1].Seen);

    private async Task<T> OnAsync<T>(NodeTarget node, TimeSpan takes, Func<Kubelet, T> action, CancellationToken ct)
    {
        var there = await ReachAsync(node, ct);
        await _wait.ForAsync(takes, ct);
        if (!there.Node.IsAlive)
        {
            throw Dropped(node);
        }

        var result = action(there);
        return Drops(node.Name) ? throw Dropped(node) : result;
    }

    private async Task<Kubelet> ReachAsync(NodeTarget node, CancellationToken ct)
    {
        var there = kubelets.GetValueOrDefault(node.Name);
        if (there is null || there.Node.Address != node.Address || !there.Node.IsAlive || there.Node.Ssh == SshState.Unreachable)
        {
            await _wait.ForAsync(ConnectGivenUpAfter, ct);
            throw new ShellException($"the connection to {Where(node)} failed: Connection timed out", mayPass: true);
        }

        await _wait.ForAsync(ConnectTakes, ct);
        return there.Node.Ssh switch
        {
            SshState.WrongHostKey => throw new ShellException($"{Where(node)} shows a host key that is not the known one: Host key verification failed", mayPass: false),
            SshState.Refused => throw new ShellException($"{Where(node)} does not let wizard in: Permission denied (publickey)", mayPass: false),
            _ => there,
        };
    }

    private static ShellException Dropped(NodeTarget node) =>
        new($"the connection to {Where(node)} failed: Connection to {node.Address} closed by remote host", mayPass: true);

    private static string Where(NodeTarget node) => $"{node.Name} ({node.Address}, port 22)";
}
