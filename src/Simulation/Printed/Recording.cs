using System.Collections.Concurrent;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Stepper.Simulation.Printed;

/// <summary>
/// What a program of a node really printed once, or, where the file says so, what it is thought to print: a file of this folder. Its head says where it is from and
/// which versions and names stand in it, so that it can be printed for others.
/// </summary>
/// <param name="Name">Such as <c>kubeadm/v1.34/plan-patch</c>.</param>
/// <param name="IsReal">Recorded, and not made up.</param>
/// <param name="Source">An address.</param>
/// <param name="Words">What stands for what: <c>running</c>, <c>target</c>, <c>node</c>...</param>
/// <param name="Text">What was printed, every byte of it.</param>
public sealed record Recording(string Name, bool IsReal, string Source, int ExitCode, IReadOnlyDictionary<string, string> Words, string Text)
{
    private const string Folder = "printed/";
    private static readonly ConcurrentDictionary<string, Recording> Read = new(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<(int Minor, string What), Recording> Nearest = new();

    /// <summary>All there are.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        .. typeof(Recording).Assembly.GetManifestResourceNames().Where(name => name.StartsWith(Folder, StringComparison.Ordinal))
            .Select(name => name[Folder.Length..].Replace('\\', '/')).Order(StringComparer.Ordinal),
    ];

    public static Recording Of(string name) => Read.GetOrAdd(name, Parse);

    /// <summary>What kubeadm of a minor prints; where that was not recorded, kubeadm of the nearest minor that was.</summary>
    /// <param name="what">Such as <c>plan-patch</c>.</param>
    public static Recording OfKubeadm(int minor, string what) => Nearest.GetOrAdd((minor, what), static wanted => Of(Names
        .Where(name => name.StartsWith("kubeadm/v1.", StringComparison.Ordinal) && name.EndsWith("/" + wanted.What, StringComparison.Ordinal))
        .MinBy(name => Math.Abs(MinorOf(name) - wanted.Minor)) ?? throw new KeyNotFoundException($"nothing of kubeadm is recorded as {wanted.What}")));

    /// <summary>The same text with other values in the place of the recorded ones.</summary>
    /// <param name="instead">A word of <see cref="Words"/> and what is to stand for it; one that this recording does not have changes nothing.</param>
    public string For(params IReadOnlyList<(string Word, object Value)> instead)
    {
        var values = instead.Where(pair => Words.ContainsKey(pair.Word)).ToDictionary(
            pair => Words[pair.Word], pair => Convert.ToString(pair.Value, CultureInfo.InvariantCulture)!, StringComparer.Ordinal);
        if (values.Count == 0)
        {
            return Text;
        }

        // In one go, so that what was put in is not replaced again; and 1.34.1 is not found in 1.34.10.
        var any = string.Join('|', values.Keys.OrderByDescending(value => value.Length).Select(Regex.Escape));
        return Regex.Replace(Text, $@"(?<![0-9.])(?:{any})(?![0-9]|\.[0-9])", match => values[match.Value], RegexOptions.CultureInvariant, TimeSpan.FromSeconds(5));
    }

    private static int MinorOf(string name) => int.Parse(name.Split('/')[1]["v1.".Length..], CultureInfo.InvariantCulture);

    // Lines that begin with #, to the first that has nothing else.
    private static Recording Parse(string name)
    {
        using var stream = typeof(Recording).Assembly.GetManifestResourceStream(Folder + name) ?? throw new ArgumentException($"nothing is recorded as {name}", nameof(name));
        using var reader = new StreamReader(stream);
        var parts = reader.ReadToEnd().Split("\n#\n", 2);
        var head = parts[0].Split('\n');
        return new Recording(
            name,
            head.Any(line => line.StartsWith("# real: ", StringComparison.Ordinal)),
            Value("source"),
            int.Parse(Value("exit"), CultureInfo.InvariantCulture),
            Value("words").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => word.Split('=', 2)).ToDictionary(word => word[0], word => word[1], StringComparer.Ordinal),
            parts[1]);

        string Value(string key) => head.FirstOrDefault(line => line.StartsWith($"# {key}: ", StringComparison.Ordinal))?[(key.Length + 4)..] ?? "";
    }
}
