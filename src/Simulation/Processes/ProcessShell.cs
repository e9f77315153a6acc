using Stepper.Cluster.NodeShell;
using Stepper.Cluster.Versions;

namespace Stepper.Simulation.Processes;

/// <summary>The nodes as one process reaches them.</summary>
internal sealed class ProcessShell(INodeShell shell, Seams seams) : INodeShell
{
    private static readonly TimeSpan Latency = TimeSpan.FromMilliseconds(120);

    public Task<IReadOnlyList<KubeVersion>> AvailableKubeadmAsync(NodeTarget node, CancellationToken ct) =>
        CallAsync("available-kubeadm", node, () => shell.AvailableKubeadmAsync(node, ct), versions => string.Join(' ', versions), ct);

    public Task<NodeInspection> InspectAsync(NodeTarget node, CancellationToken ct) =>
        CallAsync("inspect", node, () => shell.InspectAsync(node, ct), Ok, ct);

    public Task<NodeSurvey> SurveyAsync(NodeTarget node, KubeVersion target, string repository, CancellationToken ct) =>
        CallAsync($"survey {target}", node, () => shell.SurveyAsync(node, target, repository, ct), Ok, ct);

    public Task<KubeletFlags> KubeletFlagsAsync(NodeTarget node, CancellationToken ct) =>
        CallAsync("kubelet-flags", node, () => shell.KubeletFlagsAsync(node, ct), Ok, ct);

    public Task<CommandResult> KubeadmPlanAsync(NodeTarget node, KubeVersion target, IReadOnlyList<string> ignored, CancellationToken ct) =>
        CallAsync($"kubeadm-plan {target}", node, () => shell.KubeadmPlanAsync(node, target, ignored, ct), Exit, ct);

    public Task<CommandResult> KubeadmDiffAsync(NodeTarget node, KubeVersion target, CancellationToken ct) =>
        CallAsync($"kubeadm-diff {target}", node, () => shell.KubeadmDiffAsync(node, target, ct), Exit, ct);

    public Task PruneKubeadmScratchAsync(NodeTarget node, TimeSpan olderThan, CancellationToken ct) =>
        CallAsync("prune-scratch", node, () => Done(shell.PruneKubeadmScratchAsync(node, olderThan, ct)), Ok, ct);

    public Task UseReleaseLineAsync(NodeTarget node, MinorVersion line, string repository, CancellationToken ct) =>
        CallAsync($"use-release-line {line}", node, () => Done(shell.UseReleaseLineAsync(node, line, repository, ct)), Ok, ct);

    public Task<CommandResult> FetchAheadAsync(NodeTarget node, KubeVersion target, CancellationToken ct) =>
        CallAsync($"fetch-ahead {target}", node, () => shell.FetchAheadAsync(node, target, ct), Exit, ct);

    public Task<ScriptRun> StartScriptAsync(NodeTarget node, NodeScript script, CancellationToken ct) =>
        CallAsync($"start-script {script.Role} {script.Release}", node, () => shell.StartScriptAsync(node, script, ct), run => $"{run.Id} {run.State}", ct);

    public Task<ScriptProgress> FollowScriptAsync(NodeTarget node, ScriptRun run, long fromByte, CancellationToken ct) =>
        CallAsync(
            $"follow-script {run.Id} from {fromByte}",
            node,
            () => shell.FollowScriptAsync(node, run, fromByte, ct),
            progress => $"{progress.State} {progress.NextByte}",
            ct);

    public Task<CommandResult> RunHookAsync(NodeTarget node, string script, CancellationToken ct) =>
        CallAsync("run-hook", node, () => shell.RunHookAsync(node, script, ct), Exit, ct);

    public Task<EtcdReport> EtcdAsync(NodeTarget node, CancellationToken ct) =>
        CallAsync("etcd", node, () => shell.EtcdAsync(node, ct), Ok, ct);

    public Task<SavedEtcd> SaveEtcdAsync(NodeTarget node, string name, TimeSpan reuse, CancellationToken ct) =>
        CallAsync($"save-etcd {name}", node, () => shell.SaveEtcdAsync(node, name, reuse, ct), Ok, ct);

    private Task<T> CallAsync<T>(string action, NodeTarget node, Func<Task<T>> work, Func<T, string> outcome, CancellationToken ct) =>
        seams.CallAsync("ssh", $"{action} {node.Name}", Latency, work, outcome, ct);

    private static string Ok<T>(T result) => "ok";

    private static string Exit(CommandResult result) => $"exit {result.ExitCode}";

    private static async Task<bool> Done(Task work)
    {
        await work;
        return true;
    }
}
