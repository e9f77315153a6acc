using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Stepper.StepRunner.Spawning;

/// <summary>Makes a DNS label (RFC 1123: at most 63 of a-z, 0-9 and '-') of a name that need not be one, such that two names never give the same.</summary>
internal static partial class DnsLabel
{
    private const int Longest = 63;
    private const int HashLength = 8;

    /// <summary>
    /// The name itself where it is a label already; else cut, with a hash of the whole name at its end, the same each time. What ends as if it had a hash gets
    /// one too: it might be what another name is cut to.
    /// </summary>
    public static string Of(string name)
    {
        var plain = string.Concat(name.ToLowerInvariant().Select(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) ? c : '-'));
        if (plain == name && name.Length <= Longest && name[0] != '-' && name[^1] != '-' && !Hashed().IsMatch(name))
        {
            return name;
        }

        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..HashLength];
        var kept = plain[..Math.Min(plain.Length, Longest - HashLength - 1)].Trim('-');
        return $"{kept}-{hash}";
    }

    [GeneratedRegex(@"-[0-9a-f]{8}\z", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Hashed();
}
