using System.Text.RegularExpressions;

namespace Stepper.Cluster.NodeShell;

/// <summary>Reads what kubeadm prints, of 1.31 to 1.36.</summary>
public static partial class KubeadmWords
{
    private const int Most = 600;
    private const string Error = "error: ";
    private const string AfterError = "To see the stack trace of this error";

    /// <summary>Why it failed, in its own words on one line: the checks that failed, else its error. Null where there is neither.</summary>
    public static string? WhyFailed(string output)
    {
        var lines = output.Split('\n').Select(line => line.TrimEnd()).ToList();
        var checks = lines.Select(line => FailedCheck().Match(line)).Where(match => match.Success)
            .Select(match => $"{match.Groups["check"].Value}: {match.Groups["why"].Value}").Distinct(StringComparer.Ordinal).ToList();
        return checks.Count > 0 ? Short(string.Join("; ", checks)) : WhereItSays(lines) is var at and >= 0 ? Short(Whole(lines, at)) : null;
    }

    /// <summary>The first component configuration that a plan's table wants upgraded by hand; null where none is.</summary>
    public static string? ManualUpgrade(string plan) => plan.Split('\n')
        .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        // API GROUP, CURRENT VERSION, PREFERRED VERSION, MANUAL UPGRADE REQUIRED
        .FirstOrDefault(words => words is [_, _, _, "yes"])?[0];

    // kubeadm 1.31 does not begin it with "error: ", but what follows it is always the same.
    private static int WhereItSays(List<string> lines) =>
        lines.FindLastIndex(line => line.StartsWith(Error, StringComparison.Ordinal) || line.Contains("FATAL: ", StringComparison.Ordinal)) is var at and >= 0
            ? at
            : lines.FindLastIndex(line => line.StartsWith(AfterError, StringComparison.Ordinal)) - 1;

    // An error that ends with a colon has its reasons below, each after a dash.
    private static string Whole(List<string> lines, int at)
    {
        var reasons = lines.Skip(at + 1).Where(line => line.StartsWith("\t- ", StringComparison.Ordinal)).Select(line => line[3..]);
        var first = lines[at].StartsWith(Error, StringComparison.Ordinal) ? lines[at][Error.Length..] : lines[at];
        return first + (first.EndsWith(':') ? " " + string.Join("; ", reasons) : "");
    }

    private static string Short(string text) => text.Length <= Most ? text : text[..Most] + "…";

    [GeneratedRegex(@"^\t\[ERROR (?<check>[^\]]+)\]: (?<why>.*)\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex FailedCheck();
}
