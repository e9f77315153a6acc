using Stepper.Cluster.Versions;

namespace Stepper.Cluster.NodeShell;

/// <summary>
/// Every touch of a node. Speaks in what is wanted; the command lines are the implementation's own, from words that were validated.
/// A node that can't be reached, or a connection that is lost, is a <see cref="ShellException"/>: nothing is then known of what was asked.
/// </summary>
public interface INodeShell
{
    /// <summary>
    /// The releases of kubeadm that the node's own package source offers, pre-releases left out. Refreshes only the Kubernetes package list first.
    /// Empty when the source has none.
    /// </summary>
    Task<IReadOnlyList<KubeVersion>> AvailableKubeadmAsync(NodeTarget node, CancellationToken ct);

    /// <summary>What is installed, what is held, and what became of the last run of the node script. Reads only.</summary>
    Task<NodeInspection> InspectAsync(NodeTarget node, CancellationToken ct);

    /// <summary>All that decides whether a node can be upgraded to a target, in one question. Reads only: not even a package list is refreshed.</summary>
    /// <param name="repository">Base address, such as <c>https://pkgs.k8s.io/core:/stable:</c>; the node asks it where its own package list does not show the target.</param>
    Task<NodeSurvey> SurveyAsync(NodeTarget node, KubeVersion target, string repository, CancellationToken ct);

    /// <summary>With what the node's kubelet was started. Reads only.</summary>
    Task<KubeletFlags> KubeletFlagsAsync(NodeTarget node, CancellationToken ct);

    /// <summary><c>kubeadm upgrade plan v<paramref name="target"/></c>. Reads only, but for the health-check Job that kubeadm makes by itself.</summary>
    /// <param name="ignored">Preflight errors that kubeadm is to take for warnings, by name; never <c>all</c>.</param>
    Task<CommandResult> KubeadmPlanAsync(NodeTarget node, KubeVersion target, IReadOnlyList<string> ignored, CancellationToken ct);

    /// <summary>
    /// <c>kubeadm upgrade diff v<paramref name="target"/></c>, by the kubeadm that is installed: what the manifests of this control-plane node's static pods would become.
    /// Reads only.
    /// </summary>
    Task<CommandResult> KubeadmDiffAsync(NodeTarget node, KubeVersion target, CancellationToken ct);

    /// <summary>Takes away what kubeadm left under <c>/etc/kubernetes/tmp</c> longer ago than <paramref name="olderThan"/>.</summary>
    Task PruneKubeadmScratchAsync(NodeTarget node, TimeSpan olderThan, CancellationToken ct);

    /// <summary>Sets the node's package source, and its key, to a release line.</summary>
    /// <param name="repository">Base address, such as <c>https://pkgs.k8s.io/core:/stable:</c>.</param>
    Task UseReleaseLineAsync(NodeTarget node, MinorVersion line, string repository, CancellationToken ct);

    /// <summary>Fetches the target's packages and, with the fetched kubeadm, its images, without installing anything.</summary>
    Task<CommandResult> FetchAheadAsync(NodeTarget node, KubeVersion target, CancellationToken ct);

    /// <summary>
    /// Starts the node script detached from this connection, or attaches to a run of it that still goes: there is never a second one beside it.
    /// </summary>
    Task<ScriptRun> StartScriptAsync(NodeTarget node, NodeScript script, CancellationToken ct);

    /// <summary>
    /// Waits for more of a run's log, or for its end, at most 20 seconds, whichever is first.
    /// </summary>
    /// <param name="fromByte">Where in the log to go on: <see cref="ScriptProgress.NextByte"/> of the last answer, 0 at first.</param>
    Task<ScriptProgress> FollowScriptAsync(NodeTarget node, ScriptRun run, long fromByte, CancellationToken ct);

    /// <summary>Runs an operator's own script (<c>afterControlPlane</c>) as root, and waits for its end.</summary>
    /// <param name="script">The whole text of it.</param>
    Task<CommandResult> RunHookAsync(NodeTarget node, string script, CancellationToken ct);

    /// <summary>What etcd on a control-plane node says of its members, its database and its disk. Reads only, for some seconds.</summary>
    Task<EtcdReport> EtcdAsync(NodeTarget node, CancellationToken ct);

    /// <summary>
    /// Has etcd on a control-plane node save its database into a file on that node, for root alone, and reads it whole. The newest three of stepper's stay.
    /// Whether it proves to be a snapshot is the caller's to judge.
    /// </summary>
    /// <param name="name">The file's name, such as <c>etcd-1.34.7-1795348800.db</c>.</param>
    /// <param name="reuse">A whole file of that name is taken for it while it is younger than this; zero for never.</param>
    Task<SavedEtcd> SaveEtcdAsync(NodeTarget node, string name, TimeSpan reuse, CancellationToken ct);
}

/// <summary>A node as it is reached.</summary>
/// <param name="Address">Its InternalIP: no name has to be resolved while the cluster's DNS is being upgraded.</param>
public sealed record NodeTarget(string Name, string Address);

/// <summary>How a command on a node ended.</summary>
/// <param name="Output">Its standard output and error, as they came.</param>
public sealed record CommandResult(int ExitCode, string Output)
{
    /// <summary>The last line that says something; empty when it said nothing.</summary>
    public string LastLine => Output.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).LastOrDefault() ?? "";
}

/// <summary>What a node says of itself.</summary>
/// <param name="Packages">Installed versions by package, as apt has them: <c>1.34.7-1.1</c>. A package that is not installed is not in it.</param>
/// <param name="Held">The packages under <c>apt-mark hold</c>.</param>
/// <param name="Script">The last run of the node script on this node; null when there was none.</param>
public sealed record NodeInspection(IReadOnlyDictionary<string, string> Packages, IReadOnlySet<string> Held, ScriptRun? Script)
{
    /// <summary>The packages that an upgrade replaces, and that are held between upgrades.</summary>
    public static IReadOnlyList<string> KubernetesPackages { get; } = ["kubeadm", "kubelet", "kubectl"];

    public bool IsHeld => KubernetesPackages.All(Held.Contains);

    public bool ScriptRuns => Script is { State: ScriptState.Running };

    /// <summary>The installed release of a Kubernetes package.</summary>
    /// <exception cref="SourceException">It is not installed, or under no version of Kubernetes.</exception>
    public KubeVersion Release(string package, string node) =>
        KubeVersion.Parse(Packages.GetValueOrDefault(package)?.Split('-')[0], $"package {package} of {node}");
}

/// <summary>One call of <c>update_k8s.sh</c>.</summary>
/// <param name="FirstControlPlane">On this node <c>kubeadm upgrade apply</c>, on all others <c>kubeadm upgrade node</c>.</param>
/// <param name="Text">The script itself: the image's own, or the operator's from ConfigMap <c>k8s-upgrade-scripts</c>.</param>
/// <param name="Repository">Base address of the package source.</param>
/// <param name="IgnorePreflightErrors">Passed on to kubeadm; never <c>all</c>.</param>
/// <param name="SkipPhases">Passed on to kubeadm.</param>
/// <param name="Patches">A folder on the node, passed on to kubeadm; null for none.</param>
public sealed record NodeScript(
    ScriptRole Role,
    bool FirstControlPlane,
    KubeVersion Release,
    string Text,
    string Repository,
    IReadOnlyList<string> IgnorePreflightErrors,
    IReadOnlyList<string> SkipPhases,
    string? Patches);

public enum ScriptRole
{
    Master,
    Worker,
}

/// <summary>A run of the node script, whoever started it.</summary>
/// <param name="Id">Names its files on the node.</param>
/// <param name="Release">What it goes to.</param>
/// <param name="ExitCode">Null unless it has ended.</param>
public sealed record ScriptRun(string Id, KubeVersion Release, ScriptState State, int? ExitCode);

public enum ScriptState
{
    Running,

    /// <summary>It ended and left its exit code.</summary>
    Ended,

    /// <summary>It is gone without an exit code, since the node was rebooted in the middle of it.</summary>
    Rebooted,

    /// <summary>It is gone without an exit code though the node was not rebooted: something killed it, for want of memory perhaps.</summary>
    Lost,
}

/// <summary>What a run of the node script has come to.</summary>
/// <param name="Text">Whole lines that it wrote since the byte asked for; may be empty.</param>
/// <param name="NextByte">Where the next question goes on.</param>
public sealed record ScriptProgress(ScriptState State, int? ExitCode, string Text, long NextByte);

/// <summary>A node could not be reached or asked. What was being done there is not known to have happened, nor not to have.</summary>
/// <param name="mayPass">A dropped connection or a time-out may pass; a wrong host key or a refused login does not.</param>
public sealed class ShellException(string message, bool mayPass, Exception? inner = null) : SourceException(message, inner)
{
    public bool MayPass => mayPass;
}
