using System.Text.RegularExpressions;

namespace Stepper.Cluster.NodeShell;

/// <summary>
/// Reads what <c>kubeadm upgrade diff</c> prints, of 1.31 to 1.36: which flags of the API server stand in its manifest now and not in the one that kubeadm writes
/// over it, since that is made of kubeadm's ClusterConfiguration alone.
/// </summary>
public static partial class LostFlags
{
    private const string NextFile = "--- ";

    /// <summary>
    /// Their names, such as <c>--oidc-issuer-url</c>. A flag of which only the value changes is kept. Null where the text says nothing of the API server's
    /// manifest: there is no difference, or it could not be told.
    /// </summary>
    public static IReadOnlyList<string>? In(string diff)
    {
        var lines = diff.Split('\n').Select(line => line.TrimEnd()).ToList();
        // The manifests come in any order.
        var from = lines.FindIndex(line => line.StartsWith(NextFile, StringComparison.Ordinal) && line.EndsWith("/kube-apiserver.yaml", StringComparison.Ordinal));
        if (from < 0)
        {
            return null;
        }

        // Behind the two lines that name what is compared.
        var changes = lines.Skip(from + 2).TakeWhile(line => !line.StartsWith(NextFile, StringComparison.Ordinal)).ToList();
        var lost = FlagsOf(changes, '-').ToList();
        foreach (var flag in FlagsOf(changes, '+'))
        {
            lost.Remove(flag);
        }

        return [.. lost.Distinct(StringComparer.Ordinal)];
    }

    // A person may have written the command as a list, with quotes, or on one line.
    private static IEnumerable<string> FlagsOf(IEnumerable<string> changes, char sign) => changes
        .Where(line => line.StartsWith(sign)).Select(line => Comment().Replace(line[1..], "")).SelectMany(line => Flag().Matches(line)).Select(match => match.Value);

    [GeneratedRegex(@"(?<=^|\s)#.*", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Comment();

    [GeneratedRegex(@"(?<=[\s""'\[,])--?[A-Za-z][A-Za-z0-9_-]*(?=[=\s""'\],]|$)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Flag();
}
