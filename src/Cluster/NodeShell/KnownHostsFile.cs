using System.Security.Cryptography;
using System.Text;

namespace Stepper.Cluster.NodeShell;

/// <summary>The names in the text of a <c>known_hosts</c> file, read as ssh reads them: plain, with wildcards, or hashed.</summary>
internal static class KnownHostsFile
{
    /// <summary>Whether a key stands there for a name.</summary>
    public static bool Names(string text, string name) => text.Split('\n').Any(line => IsFor(line, name));

    private static bool IsFor(string line, string name)
    {
        var words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return words switch
        {
            [] or [['#', ..], ..] or ["@revoked", ..] => false,
            ["@cert-authority", var patterns, ..] => Matches(patterns, name),
            [var patterns, ..] => Matches(patterns, name),
        };
    }

    private static bool Matches(string patterns, string name)
    {
        if (patterns.Split('|') is ["", "1", var salt, var hash])
        {
            return IsHashOf(name, salt, hash);
        }

        var all = patterns.Split(',');
        return all.Any(pattern => pattern is not ['!', ..] && Fits(pattern, name)) && !all.Any(pattern => pattern is ['!', ..] && Fits(pattern.AsSpan(1), name));
    }

    private static bool IsHashOf(string name, string salt, string hash)
    {
        var bytes = new byte[64];
        if (!Convert.TryFromBase64String(salt, bytes, out var length))
        {
            return false;
        }

#pragma warning disable CA5350 // What OpenSSH hashes names with; nothing is kept secret by it here.
        return Convert.ToBase64String(HMACSHA1.HashData(bytes.AsSpan(0, length), Encoding.UTF8.GetBytes(name))) == hash;
#pragma warning restore CA5350
    }

    // "*" is any text, "?" any one character.
    private static bool Fits(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name) => pattern switch
    {
        [] => name.IsEmpty,
        ['*', .. var rest] => Fits(rest, name) || (!name.IsEmpty && Fits(pattern, name[1..])),
        [var first, .. var rest] => !name.IsEmpty && (first == '?' || char.ToLowerInvariant(first) == char.ToLowerInvariant(name[0])) && Fits(rest, name[1..]),
    };
}
