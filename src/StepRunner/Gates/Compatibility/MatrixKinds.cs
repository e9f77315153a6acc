using System.Globalization;
using System.Text.RegularExpressions;
using Stepper.StepRunner.Settings;

namespace Stepper.StepRunner.Gates.Compatibility;

/// <summary>The kinds of value that <c>compat.yaml</c> has besides those of the settings.</summary>
internal static partial class MatrixKinds
{
    public static SettingKind<DottedVersion> Version { get; } = new("a version such as 1.16 or 3.30.3", DottedVersion.TryParse);

    public static SettingKind<Uri> Source { get; } = new(
        "an https address", (string text, out Uri url) => Uri.TryCreate(text, UriKind.Absolute, out url!) && url.Scheme == "https" && !text.Any(char.IsWhiteSpace));

    public static SettingKind<DateOnly> Date { get; } = new(
        "a date such as 2026-11-22", (string text, out DateOnly date) => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out date));

    public static SettingKind<string> Said { get; } = new("a text", (string text, out string value) => !string.IsNullOrWhiteSpace(value = text));

    public static SettingKind<string> Image { get; } = Matching("an image's path without registry and tag, such as cilium/cilium,", Images());

    public static SettingKind<string> Flag { get; } = Matching("a flag's name without dashes before it", Names());

    public static SettingKind<string> Plural { get; } = Matching("a resource's plural name such as poddisruptionbudgets", Names());

    public static SettingKind<string> Field { get; } = Matching("the dotted path of a field", Fields());

    public static SettingKind<string> Component { get; } = SettingKind.OneOf(
        new[] { "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy" }.Select(name => (name, name)).ToArray());

    public static SettingKind<ApiName> Api { get; } = new("an API version such as policy/v1beta1, or v1 for the core group,", TryApi);

    private static bool TryApi(string text, out ApiName api)
    {
        api = text.Split('/') is [var group, var version] ? new ApiName(group, version) : new ApiName("", text);
        return Apis().IsMatch(text);
    }

    private static SettingKind<string> Matching(string wanted, Regex pattern) => new(wanted, (string text, out string value) => pattern.IsMatch(value = text));

    // The first of several parts has no dot: it would be a registry.
    [GeneratedRegex(@"\A([a-z0-9][a-z0-9_-]*(/[a-z0-9][a-z0-9._-]*)+|[a-z0-9][a-z0-9._-]*)\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Images();

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9-]*\z", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Names();

    [GeneratedRegex(@"\A[A-Za-z][A-Za-z0-9]*(\.[A-Za-z][A-Za-z0-9]*)*\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Fields();

    [GeneratedRegex(@"\A([a-z0-9][a-z0-9.-]*/)?v[0-9][a-z0-9]*\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Apis();
}

/// <param name="Group">Empty for the core group.</param>
internal sealed record ApiName(string Group, string Version);
