using System.Globalization;
using System.Text.RegularExpressions;
using Stepper.Cluster.Versions;

namespace Stepper.StepRunner.Settings;

internal delegate bool TryRead<T>(string text, out T value);

/// <summary>A kind of value: what is wanted, as it stands before "is needed" in a problem, and how a text becomes it.</summary>
/// <param name="IsSecret">A wrong one is not shown in the problem.</param>
internal sealed record SettingKind<T>(string Wanted, TryRead<T> Read, bool IsSecret = false);

/// <summary>Every kind of value that a setting can have. Past these no text has to be checked.</summary>
internal static partial class SettingKind
{
    public static SettingKind<bool> Flag { get; } = OneOf(("true", true), ("false", false));

    public static SettingKind<TimeSpan> Duration { get; } = new("a duration such as 30m, 24h, 90s or 1h30m, at most 1000h,", Settings.Duration.TryParse);

    public static SettingKind<Uri> Url { get; } = new("an http or https URL", TryUrl);

    /// <summary>An address that holds a token.</summary>
    public static SettingKind<Uri> SecretUrl { get; } = Url with { IsSecret = true };

    /// <summary>Nodes ask it too, and no name or password of one would stay a secret there. One that has them is not shown.</summary>
    public static SettingKind<Uri> Repository { get; } = new("an http or https URL without a name, a password or a query", TryRepository, IsSecret: true);

    public static SettingKind<Regex> NamePattern { get; } = new("a regular expression (no look-around, no back-references)", TryPattern);

    public static SettingKind<KubeVersion> Release { get; } = new("a release such as 1.34.9", KubeVersion.TryParse);

    public static SettingKind<MinorVersion> ReleaseLine { get; } = new("a minor such as 1.35", MinorVersion.TryParse);

    public static SettingKind<string> AnyText { get; } = new("a text", (string text, out string value) => (value = text) is not null);

    public static SettingKind<string> Word { get; } = Matching("a word without spaces", Words());

    public static SettingKind<string> Path { get; } = Matching("an absolute path (letters, digits and . _ - /)", Paths());

    public static SettingKind<string> DnsLabel { get; } = Matching("a name of lower-case letters, digits and -, at most 63 characters", Labels());

    public static SettingKind<string> DnsName { get; } = Matching("a DNS name such as example.com", DnsNames());

    public static SettingKind<string> UserName { get; } = Matching("a user name of lower-case letters, digits, _ and -", UserNames());

    public static SettingKind<string> KubeadmPhase { get; } = Matching("a kubeadm phase such as addon/coredns", KubeadmPhases());

    /// <summary>Never <c>all</c>: that would hide what nobody has thought of.</summary>
    public static SettingKind<string> KubeadmCheck { get; } = Matching("the name of one kubeadm check, not \"all\",", KubeadmChecks());

    public static SettingKind<ObjectName> ObjectName { get; } = new("namespace/name", TryObject);

    public static SettingKind<ConfigMapKey> ConfigMapKey { get; } = new("namespace/name/key of a ConfigMap", TryConfigMapKey);

    public static SettingKind<TimeZoneInfo> TimeZone { get; } = new("a time zone such as UTC or Europe/Sofia", TimeZoneInfo.TryFindSystemTimeZoneById!);

    public static SettingKind<OpenTimes> OpenTimes { get; } = new("always, or times such as \"Sat,Sun 02:00-06:00\",", Settings.OpenTimes.TryParse);

    public static SettingKind<FrozenDays> FrozenDays { get; } = new("a date or a span such as 2026-12-20..2027-01-03", Settings.FrozenDays.TryParse);

    public static SettingKind<long> Number(long atLeast, long atMost) => new(
        $"a whole number from {atLeast} to {atMost}",
        (string text, out long value) =>
            long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= atLeast && value <= atMost);

    public static SettingKind<T> OneOf<T>(params (string Name, T Value)[] choices) => new(
        "one of " + string.Join(", ", choices.Select(choice => choice.Name)),
        (string text, out T value) =>
        {
            var index = Array.FindIndex(choices, choice => choice.Name == text);
            value = index < 0 ? default! : choices[index].Value;
            return index >= 0;
        });

    private static SettingKind<string> Matching(string wanted, Regex pattern) =>
        new(wanted, (string text, out string value) => pattern.IsMatch(value = text));

    private static bool TryUrl(string text, out Uri url) =>
        Uri.TryCreate(text.TrimEnd('/'), UriKind.Absolute, out url!) && url.Scheme is "http" or "https" && !text.Any(char.IsWhiteSpace);

    private static bool TryRepository(string text, out Uri url) => TryUrl(text, out url) && url.UserInfo.Length == 0 && url.Query.Length == 0 && url.Fragment.Length == 0;

    private static bool TryPattern(string text, out Regex pattern)
    {
        pattern = null!;
        try
        {
            // As Prometheus anchors them, and like its engine without backtracking: no pattern takes for ever.
            pattern = new Regex($@"\A(?:{text})\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
            return true;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return false;
        }
    }

    private static bool TryObject(string text, out ObjectName name)
    {
        name = null!;
        if (text.Split('/') is not [var ns, var local] || !Labels().IsMatch(ns) || !DnsNames().IsMatch(local))
        {
            return false;
        }

        name = new ObjectName(ns, local);
        return true;
    }

    private static bool TryConfigMapKey(string text, out ConfigMapKey key)
    {
        key = null!;
        if (text.Split('/') is not [var ns, var name, var entry] || !Labels().IsMatch(ns) || !DnsNames().IsMatch(name) || !ConfigMapKeys().IsMatch(entry))
        {
            return false;
        }

        key = new ConfigMapKey(ns, name, entry);
        return true;
    }

    [GeneratedRegex(@"\A\S+\z", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Words();

    [GeneratedRegex(@"\A/[A-Za-z0-9._/-]*\z", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Paths();

    [GeneratedRegex(@"\A[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Labels();

    [GeneratedRegex(@"\A(?=.{1,253}\z)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex DnsNames();

    [GeneratedRegex(@"\A[a-z_][a-z0-9_-]{0,31}\z", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex UserNames();

    [GeneratedRegex(@"\A[a-z0-9-]+(/[a-z0-9-]+)*\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex KubeadmPhases();

    [GeneratedRegex(@"\A(?!all\z)[A-Za-z0-9._-]+\z", RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 1000)]
    private static partial Regex KubeadmChecks();

    [GeneratedRegex(@"\A[A-Za-z0-9._-]{1,253}\z", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ConfigMapKeys();
}
