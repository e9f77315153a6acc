using System.Globalization;
using System.Runtime.InteropServices;

namespace Stepper.Cluster.Versions;

/// <summary>A release line of Kubernetes, <c>X.Y</c>: what has a package repository of its own, and what skew is counted in.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct MinorVersion(int Major, int Minor) : IComparable<MinorVersion>
{
    /// <summary>The line after this one.</summary>
    public MinorVersion Next => this with { Minor = Minor + 1 };

    public static bool TryParse(string? text, out MinorVersion version)
    {
        version = default;
        var parts = (text is ['v', ..] ? text[1..] : text ?? "").Split('.');
        if (parts.Length != 2 || !KubeVersion.Number(parts[0], out var major) || !KubeVersion.Number(parts[1], out var minor))
        {
            return false;
        }

        version = new MinorVersion(major, minor);
        return true;
    }

    public int CompareTo(MinorVersion other) => (Major, Minor).CompareTo((other.Major, other.Minor));

    public static bool operator <(MinorVersion left, MinorVersion right) => left.CompareTo(right) < 0;

    public static bool operator >(MinorVersion left, MinorVersion right) => left.CompareTo(right) > 0;

    public static bool operator <=(MinorVersion left, MinorVersion right) => left.CompareTo(right) <= 0;

    public static bool operator >=(MinorVersion left, MinorVersion right) => left.CompareTo(right) >= 0;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}");
}
