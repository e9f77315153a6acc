using System.Text.RegularExpressions;
using Stepper.Cluster;
using Stepper.Cluster.Versions;

namespace Stepper.Detection;

/// <summary>A release as a package repository has it.</summary>
/// <param name="File">The package's file, relative to the folder of the index.</param>
public sealed record PackagedRelease(KubeVersion Version, string File);

/// <summary>Reads a Debian <c>Packages</c> index: stanzas of <c>Field: value</c> lines, an empty line between two. Pure.</summary>
public static partial class DebianIndex
{
    /// <summary>The releases of one package, pre-releases left out, oldest first; of several architectures the first that the index has.</summary>
    /// <param name="address">Where the text is from; it is named in every error.</param>
    /// <exception cref="SourceException">The text is no index, or cut short, or has no release of the package.</exception>
    public static IReadOnlyList<PackagedRelease> Releases(string text, string package, string address)
    {
        if (!text.EndsWith('\n') || !FieldLine().IsMatch(text))
        {
            throw new SourceException($"{address} is no whole package index; it begins \"{Shown(text)}\" and ends \"{Shown(text[Math.Max(0, text.Length - 40)..])}\"");
        }

        var releases = text.Replace("\r", "", StringComparison.Ordinal).Split("\n\n", StringSplitOptions.RemoveEmptyEntries)
            .Select(Fields)
            .Where(stanza => stanza.GetValueOrDefault("Package") == package)
            .Select(stanza => Release(stanza, package, address))
            .OfType<PackagedRelease>()
            .DistinctBy(release => release.Version)
            .OrderBy(release => release.Version)
            .ToList();
        return releases.Count > 0 ? releases : throw new SourceException($"{address} has no release of {package}");
    }

    private static Dictionary<string, string> Fields(string stanza)
    {
        var fields = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var line in stanza.Split('\n').Where(line => line is [not (' ' or '\t'), ..]))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            fields.TryAdd(colon < 0 ? line : line[..colon], colon < 0 ? "" : line[(colon + 1)..].Trim());
        }

        return fields;
    }

    // Null for a pre-release.
    private static PackagedRelease? Release(Dictionary<string, string> stanza, string package, string address)
    {
        if (!stanza.TryGetValue("Version", out var version) || !stanza.TryGetValue("Filename", out var file))
        {
            throw new SourceException($"{address} has a stanza of {package} without {(version is null ? "a version" : "a file")}");
        }

        if (PreRelease().IsMatch(version))
        {
            return null;
        }

        return KubeVersion.TryParse(PackageVersion().Match(version).Groups["release"].Value, out var release)
            ? new PackagedRelease(release, file)
            : throw new SourceException($"{address} has {package} \"{version}\", which is no package of a release such as 1.34.7-1.1");
    }

    private static string Shown(string text) => text[..Math.Min(text.Length, 40)].ReplaceLineEndings(" ");

    [GeneratedRegex(@"\A\s*[A-Za-z][A-Za-z0-9-]*:", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex FieldLine();

    [GeneratedRegex(@"\A(?<release>[0-9]+\.[0-9]+\.[0-9]+)-[0-9.]+\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex PackageVersion();

    [GeneratedRegex(@"\A[0-9.]+[~-](alpha|beta|rc)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex PreRelease();
}
