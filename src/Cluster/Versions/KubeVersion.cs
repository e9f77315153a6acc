using System.Globalization;
using System.Runtime.InteropServices;

namespace Stepper.Cluster.Versions;

/// <summary>A Kubernetes release, <c>X.Y.Z</c>. Ordered by number, never by text; there is no pre-release in it.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct KubeVersion(int Major, int Minor, int Patch) : IComparable<KubeVersion>
{
    /// <summary>The release line that this release belongs to, <c>X.Y</c>.</summary>
    public MinorVersion Line => new(Major, Minor);

    /// <summary>The version as it may stand in a DNS label, <c>X-Y-Z</c>: in Job names and label values.</summary>
    public string Dashed => string.Create(CultureInfo.InvariantCulture, $"{Major}-{Minor}-{Patch}");

    /// <summary>Reads <c>1.34.7</c> or, as kubelets and images say it, <c>v1.34.7</c>. A pre-release (<c>1.35.0-rc.1</c>) is no release and not read.</summary>
    public static bool TryParse(string? text, out KubeVersion version)
    {
        version = default;
        var parts = (text is ['v', ..] ? text[1..] : text ?? "").Split('.');
        if (parts.Length != 3 || !Number(parts[0], out var major) || !Number(parts[1], out var minor) || !Number(parts[2], out var patch))
        {
            return false;
        }

        version = new KubeVersion(major, minor, patch);
        return true;
    }

    /// <summary>Reads a version that a thing in the cluster reports of itself.</summary>
    /// <exception cref="SourceException">The text is no version; <paramref name="whose"/> says whose it was.</exception>
    public static KubeVersion Parse(string? text, string whose) =>
        TryParse(text, out var version) ? version : throw new SourceException($"{whose} reports \"{text}\", which is no Kubernetes version such as v1.34.7");

    public int CompareTo(KubeVersion other) => (Major, Minor, Patch).CompareTo((other.Major, other.Minor, other.Patch));

    public static bool operator <(KubeVersion left, KubeVersion right) => left.CompareTo(right) < 0;

    public static bool operator >(KubeVersion left, KubeVersion right) => left.CompareTo(right) > 0;

    public static bool operator <=(KubeVersion left, KubeVersion right) => left.CompareTo(right) <= 0;

    public static bool operator >=(KubeVersion left, KubeVersion right) => left.CompareTo(right) >= 0;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}.{Patch}");

    internal static bool Number(string digits, out int value) =>
        int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
