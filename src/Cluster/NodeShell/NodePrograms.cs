namespace Stepper.Cluster.NodeShell;

/// <summary>The programs that run on a node, a file each under <c>Programs/</c>: POSIX shell, fixed text, values by position.</summary>
internal static class NodePrograms
{
    public static readonly string Available = Joined("begin", "apt", "available");
    public static readonly string Inspect = Joined("begin", "run-state", "inspect");
    public static readonly string Plan = Joined("begin", "plan");
    public static readonly string Prune = Joined("begin", "prune");
    public static readonly string Source = Joined("begin", "apt", "source");
    public static readonly string Fetch = Joined("begin", "apt", "fetch");
    public static readonly string Hook = Joined("begin", "receive", "hook");
    public static readonly string Start = Joined("begin", "run-state", "receive", "start");
    public static readonly string Follow = Joined("begin", "run-state", "follow");

    /// <summary>Stands on the node beside the node script, not in a command line.</summary>
    public static readonly string Runner = Joined("runner");

    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [nameof(Available)] = Available,
        [nameof(Inspect)] = Inspect,
        [nameof(Plan)] = Plan,
        [nameof(Prune)] = Prune,
        [nameof(Source)] = Source,
        [nameof(Fetch)] = Fetch,
        [nameof(Hook)] = Hook,
        [nameof(Start)] = Start,
        [nameof(Follow)] = Follow,
        [nameof(Runner)] = Runner,
    };

    private static string Joined(params IEnumerable<string> parts) => string.Concat(parts.Select(Part));

    private static string Part(string name)
    {
        using var stream = typeof(NodePrograms).Assembly.GetManifestResourceStream($"Programs/{name}.sh")
            ?? throw new InvalidOperationException($"Programs/{name}.sh is not in the program.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
