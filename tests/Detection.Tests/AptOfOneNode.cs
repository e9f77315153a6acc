using Stepper.Cluster.NodeShell;
using Stepper.Cluster.Versions;

namespace Stepper.Detection.Tests;

/// <summary>A node whose package source is asked for kubeadm, which is all that detection may do on a node.</summary>
/// <param name="kubeadm">Null: the node can't be reached.</param>
internal sealed class AptOfOneNode(IReadOnlyList<KubeVersion>? kubeadm) : INodeShell
{
    /// <summary>The last node asked.</summary>
    public NodeTarget? Asked { get; private set; }

    public Task<IReadOnlyList<KubeVersion>> AvailableKubeadmAsync(NodeTarget node, CancellationToken ct)
    {
        Asked = node;
        return Task.FromResult(kubeadm ?? throw new ShellException($"{node.Name} ({node.Address}) can't be reached", mayPass: true));
    }

    public Task<NodeInspection> InspectAsync(NodeTarget node, CancellationToken ct) => throw new NotSupportedException();

    public Task<NodeSurvey> SurveyAsync(NodeTarget node, KubeVersion target, string repository, CancellationToken ct) => throw new NotSupportedException();

    public Task<KubeletFlags> KubeletFlagsAsync(NodeTarget node, CancellationToken ct) => throw new NotSupportedException();

    public Task<CommandResult> KubeadmPlanAsync(NodeTarget node, KubeVersion target, IReadOnlyList<string> ignored, CancellationToken ct) => throw new NotSupportedException();

    public Task<CommandResult> KubeadmDiffAsync(NodeTarget node, KubeVersion target, CancellationToken ct) => throw new NotSupportedException();

    public Task PruneKubeadmScratchAsync(NodeTarget node, TimeSpan olderThan, CancellationToken ct) => throw new NotSupportedException();

    public Task UseReleaseLineAsync(NodeTarget node, MinorVersion line, string repository, CancellationToken ct) => throw new NotSupportedException();

    public Task<CommandResult> FetchAheadAsync(NodeTarget node, KubeVersion target, CancellationToken ct) => throw new NotSupportedException();

    public Task<ScriptRun> StartScriptAsync(NodeTarget node, NodeScript script, CancellationToken ct) => throw new NotSupportedException();

    public Task<ScriptProgress> FollowScriptAsync(NodeTarget node, ScriptRun run, long fromByte, CancellationToken ct) => throw new NotSupportedException();

    public Task<CommandResult> RunHookAsync(NodeTarget node, string script, CancellationToken ct) => throw new NotSupportedException();

    public Task<EtcdReport> EtcdAsync(NodeTarget node, CancellationToken ct) => throw new NotSupportedException();

    public Task<SavedEtcd> SaveEtcdAsync(NodeTarget node, string name, TimeSpan reuse, CancellationToken ct) => throw new NotSupportedException();
}
