namespace Stepper.StepRunner.Gates.Compatibility;

/// <summary>What a program of Kubernetes is told by its command line. Pure.</summary>
internal sealed class CommandFlags
{
    private readonly List<(string Name, string Value)> _flags = [];

    /// <param name="words">The program itself may be the first.</param>
    public CommandFlags(IReadOnlyList<string> words)
    {
        for (var index = 0; index < words.Count; index++)
        {
            if (!words[index].StartsWith('-'))
            {
                continue;
            }

            var parts = words[index].TrimStart('-').Split('=', 2);
            var follows = parts.Length == 1 && index + 1 < words.Count && !words[index + 1].StartsWith('-') ? words[index + 1] : "";
            // Kubernetes takes an underscore for a dash.
            _flags.Add((parts[0].Replace('_', '-'), parts.Length == 2 ? parts[1] : follows));
        }
    }

    public IReadOnlySet<string> Names => _flags.Select(flag => flag.Name).ToHashSet(StringComparer.Ordinal);

    /// <summary>The feature gates that are set, either way.</summary>
    public IReadOnlySet<string> FeatureGates => Items("feature-gates").Select(item => item.Split('=')[0]).ToHashSet(StringComparer.Ordinal);

    /// <summary>The admission plugins that are named, to be on or off.</summary>
    public IReadOnlySet<string> AdmissionPlugins =>
        Items("enable-admission-plugins").Concat(Items("disable-admission-plugins")).Concat(Items("admission-control")).ToHashSet(StringComparer.Ordinal);

    private IEnumerable<string> Items(string flag) =>
        _flags.Where(each => each.Name == flag).SelectMany(each => each.Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
}
