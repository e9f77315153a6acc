using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Stepper.Cluster.Versions;

namespace Stepper.Cluster.NodeShell;

/// <summary>One command for a node: what the remote shell is given, and what it reads.</summary>
/// <param name="Program">What runs there.</param>
/// <param name="Words">Its positional parameters.</param>
/// <param name="Input">Its standard input; null for none.</param>
internal sealed record NodeCommand(NodeProgram Program, IReadOnlyList<string> Words, byte[]? Input = null)
{
    public string Line => field ??= RemoteLine.Of(Program.Name, Program.Text, Words);
}

/// <summary>Every command line that stepper sends to a node, from words that were checked. Scripts go by standard input, never in a command line.</summary>
/// <param name="state">The directory on the node in which runs of the node script are kept, and snapshots of etcd.</param>
/// <param name="manifests">The directory on the node in which the manifests of its static pods are.</param>
/// <param name="kubeletFlags">The file on the node in which kubeadm keeps kubelet's flags.</param>
internal sealed class NodeCommands(
    string state = "/var/lib/stepper", string manifests = "/etc/kubernetes/manifests", string kubeletFlags = "/var/lib/kubelet/kubeadm-flags.env")
{
    /// <summary>At most so many bytes of a log at a time.</summary>
    public const int MostOfLog = 256 << 10;

    // So many snapshots of etcd stay on a node.
    private const string Snapshots = "3";

    // Twice a second, for at most 20 seconds.
    private const string HalfSeconds = "40";

    private Surveying? _survey;

    public static NodeCommand Available { get; } = new(NodePrograms.Available, []);

    public NodeCommand Inspect { get; } = new(NodePrograms.Inspect, [state]);

    /// <summary>The same for all nodes: a line of a thousand would be made a thousand times.</summary>
    public NodeCommand Survey(KubeVersion target, string repository)
    {
        if (_survey is not { } survey || survey.Target != target || survey.Repository != repository)
        {
            _survey = survey = new Surveying(target, repository, new NodeCommand(NodePrograms.Survey, [state, target.ToString(), NodeWords.Repository(repository)]));
        }

        return survey.Command;
    }

    public NodeCommand Kubelet { get; } = new(NodePrograms.Kubelet, [kubeletFlags]);

    public static NodeCommand Plan(KubeVersion target, IReadOnlyList<string> ignored) => new(NodePrograms.Plan, [target.ToString(), Ignored(ignored)]);

    public static NodeCommand Diff(KubeVersion target) => new(NodePrograms.Diff, [target.ToString()]);

    public static NodeCommand Prune(TimeSpan olderThan) =>
        new(NodePrograms.Prune, [((long)olderThan.TotalMinutes).ToString(CultureInfo.InvariantCulture)]);

    public static NodeCommand Source(MinorVersion line, string repository) =>
        new(NodePrograms.Source, [line.ToString(), NodeWords.Repository(repository)]);

    public NodeCommand Fetch(KubeVersion target) => new(NodePrograms.Fetch, [state, target.ToString()]);

    public NodeCommand Hook(string script)
    {
        var bytes = Encoding.UTF8.GetBytes(script);
        return new NodeCommand(NodePrograms.Hook, [state, Sum(bytes)], bytes);
    }

    public NodeCommand Start(NodeScript script)
    {
        var bytes = Encoding.UTF8.GetBytes(script.Text);
        return new NodeCommand(NodePrograms.Start, [state, script.Release.ToString(), Sum(bytes), NodePrograms.Runner, .. Options(script)], bytes);
    }

    public NodeCommand Follow(string run, long fromByte) => new(
        NodePrograms.Follow,
        [state, NodeWords.RunId(run), fromByte.ToString(CultureInfo.InvariantCulture), MostOfLog.ToString(CultureInfo.InvariantCulture), HalfSeconds]);

    public NodeCommand Etcd { get; } = new(NodePrograms.Etcd, [manifests]);

    public NodeCommand Snapshot(string name, TimeSpan reuse) => new(
        NodePrograms.Snapshot, [state, manifests, NodeWords.Snapshot(name), ((long)reuse.TotalMinutes).ToString(CultureInfo.InvariantCulture), Snapshots]);

    // The options of update_k8s.sh.
    private static IEnumerable<string> Options(NodeScript script) =>
    [
        "--role", script.Role is ScriptRole.Master ? "master" : "worker",
        "--release", script.Release.ToString(),
        .. script.FirstControlPlane ? new[] { "--first" } : [],
        "--repository", NodeWords.Repository(script.Repository),
        .. Option("--ignore-preflight-errors", Ignored(script.IgnorePreflightErrors)),
        .. Option("--skip-phases", NodeWords.List(script.SkipPhases, "phase of kubeadm that can be skipped")),
        .. Option("--patches", script.Patches is null ? "" : NodeWords.Directory(script.Patches)),
    ];

    private static string Ignored(IReadOnlyList<string> errors) => NodeWords.List(errors, "preflight error of kubeadm that can be ignored by its name");

    private static string[] Option(string name, string value) => value.Length == 0 ? [] : [name, value];

    private static string Sum(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private sealed record Surveying(KubeVersion Target, string Repository, NodeCommand Command);
}
