using System.Text.RegularExpressions;

namespace Stepper.Cluster.NodeShell;

/// <summary>Reads what kubeadm prints, of 1.31 to 1.36.</summary>
public static partial class KubeadmWords
{
    private const int Most = 600;
    private const string Error = "error: ";
    private const string AfterError = "To see the stack trace of this error";

    // Of the Job that kubeadm has run in kube-system to see whether the cluster takes work: its pod has 15 s (1.36: a minute) to be placed, started and over.
    private const string HealthCheckJob = "CreateJob";

    /// <summary>Why it failed, in its own words on one line: the checks that failed, else its error. Null where there is neither.</summary>
    public static string? WhyFailed(string output)
    {
        var (checks, error) = Failure(output);
        return checks.Count > 0 ? Short(string.Join("; ", checks.Select(check => $"{check.Name}: {check.Why}"))) : error is null ? null : Short(error);
    }

    /// <summary>
    /// Whether a plan failed of nothing but what is known to pass by itself: the check that runs a Job (<c>CreateJob</c>), or an API server or an etcd that did not
    /// answer in time. All that it names must be of that; what it does not name is not.
    /// </summary>
    public static bool MayPass(string output)
    {
        var (checks, error) = Failure(output);
        return checks.Count > 0
            ? checks.TrueForAll(check => check.Name == HealthCheckJob || NoAnswer().IsMatch(check.Why))
            : error is not null && NoAnswer().IsMatch(error);
    }

    /// <summary>The first component configuration that a plan's table wants upgraded by hand; null where none is.</summary>
    public static string? ManualUpgrade(string plan) => plan.Split('\n')
        .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        // API GROUP, CURRENT VERSION, PREFERRED VERSION, MANUAL UPGRADE REQUIRED
        .FirstOrDefault(words => words is [_, _, _, "yes"])?[0];

    // The checks that failed, each once; and the error, null where there is none.
    private static (List<(string Name, string Why)> Checks, string? Error) Failure(string output)
    {
        var lines = output.Split('\n').Select(line => line.TrimEnd()).ToList();
        var checks = lines.Select(line => FailedCheck().Match(line)).Where(match => match.Success).Select(match => (match.Groups["check"].Value, match.Groups["why"].Value)).Distinct().ToList();
        return (checks, WhereItSays(lines) is var at and >= 0 ? Whole(lines, at) : null);
    }

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

    // scripts/update_k8s.sh has the same words. No server that lives says them of a request that it has judged.
    [GeneratedRegex(
        @"connection refused|connection reset by peer|i/o timeout|TLS handshake timeout|context deadline exceeded|Client\.Timeout exceeded|client connection lost|unexpected EOF|: EOF\z|"
        + "timed out|currently unable to handle the request|apiserver not ready|etcdserver: |object is being deleted",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex NoAnswer();

    [GeneratedRegex(@"^\t\[ERROR (?<check>[^\]]+)\]: (?<why>.*)\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex FailedCheck();
}
