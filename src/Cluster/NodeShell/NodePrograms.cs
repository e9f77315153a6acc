namespace Stepper.Cluster.NodeShell;

/// <summary>One program that runs on a node.</summary>
/// <param name="Within">How long it may take; a node whose disk hangs takes a connection and never answers.</param>
internal sealed record NodeProgram(string Name, string Text, TimeSpan Within);

/// <summary>The programs that run on a node, a file each under <c>Programs/</c>: POSIX shell, fixed text, values by position.</summary>
internal static class NodePrograms
{
    public static readonly NodeProgram Available = Program("available", minutes: 10, "apt", "available");
    public static readonly NodeProgram Inspect = Program("inspect", minutes: 2, "run-state", "packages", "inspect");
    public static readonly NodeProgram Survey = Program("survey", minutes: 1, "apt", "run-state", "packages", "survey");
    public static readonly NodeProgram Kubelet = Program("kubelet", minutes: 1, "kubelet");
    public static readonly NodeProgram Plan = Program("plan", minutes: 10, "plan");
    public static readonly NodeProgram Diff = Program("diff", minutes: 3, "diff");
    public static readonly NodeProgram Prune = Program("prune", minutes: 10, "prune");
    public static readonly NodeProgram Source = Program("source", minutes: 10, "apt", "source");
    public static readonly NodeProgram Fetch = Program("fetch", minutes: 60, "apt", "state", "fetch");
    public static readonly NodeProgram Hook = Program("hook", minutes: 30, "state", "receive", "hook");
    public static readonly NodeProgram Start = Program("start", minutes: 3, "run-state", "state", "receive", "start");
    public static readonly NodeProgram Follow = Program("follow", minutes: 2, "run-state", "follow");
    public static readonly NodeProgram Etcd = Program("etcd", minutes: 3, "etcd-pod", "etcd");
    public static readonly NodeProgram Snapshot = Program("snapshot", minutes: 30, "state", "etcd-pod", "snapshot");

    /// <summary>Stands on the node beside the node script, not in a command line.</summary>
    public static readonly string Runner = Part("runner");

    public static IReadOnlyList<NodeProgram> All { get; } = [Available, Inspect, Survey, Kubelet, Plan, Diff, Prune, Source, Fetch, Hook, Start, Follow, Etcd, Snapshot];

    // A subshell, so that its end is told however it ends.
    private static NodeProgram Program(string name, int minutes, params IEnumerable<string> parts) =>
        new(name, $"{Part("begin")}program() (\nset -e\n{string.Concat(parts.Select(Part))})\n{Part("end")}", TimeSpan.FromMinutes(minutes));

    private static string Part(string name)
    {
        using var stream = typeof(NodePrograms).Assembly.GetManifestResourceStream($"Programs/{name}.sh")
            ?? throw new InvalidOperationException($"Programs/{name}.sh is not in the program.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
