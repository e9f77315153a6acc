using System.Text.RegularExpressions;

namespace Stepper.Cluster.NodeShell;

/// <summary>What may stand in a command for a node. The settings and the cluster are not trusted to have been checked before.</summary>
internal static partial class NodeWords
{
    public static string Repository(string value) => Checked(value, RepositoryForm(), "address of a package repository, such as https://pkgs.k8s.io/core:/stable:");

    public static string Directory(string value) => Checked(value, DirectoryForm(), "absolute path of letters, digits, \".\", \"_\" and \"-\"");

    public static string User(string value) => Checked(value, UserForm(), "name of a user (setting ssh.user)");

    public static string RunId(string value) => Checked(value, RunIdForm(), "run of the node script");

    public static string Snapshot(string value) => Checked(value, SnapshotForm(), "name of a snapshot");

    /// <summary>A list with commas, as kubeadm takes it.</summary>
    public static string List(IReadOnlyList<string> values, string what) => string.Join(',', values.Select(value => Checked(value, WordForm(), what)));

    private static string Checked(string value, Regex form, string what) =>
        form.IsMatch(value) ? value : throw new SourceException($"\"{value}\" is no {what}; nothing was sent to the node");

    [GeneratedRegex(@"^https?://[A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]{1,5})?(/[A-Za-z0-9._~:+-]+)*\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex RepositoryForm();

    [GeneratedRegex(@"^(/[A-Za-z0-9._-]+)+\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex DirectoryForm();

    // With what a directory's users may have in their names beside: a domain.
    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9_.@\\+-]{0,63}\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex UserForm();

    [GeneratedRegex(@"^[0-9]{8}T[0-9]{6}Z-[0-9]+\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex RunIdForm();

    [GeneratedRegex(@"^etcd-[0-9]{1,9}(\.[0-9]{1,9}){2}-[0-9]{1,12}\.db\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SnapshotForm();

    [GeneratedRegex(@"^(?!(?i:all)\z)[A-Za-z0-9][A-Za-z0-9_./-]*\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex WordForm();
}
