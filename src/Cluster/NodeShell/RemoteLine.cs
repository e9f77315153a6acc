namespace Stepper.Cluster.NodeShell;

/// <summary>
/// The one string that ssh hands to the login shell of a node: a fixed program, run by root's <c>sh</c>, and values that are only ever its positional
/// parameters. The only quoting there is.
/// </summary>
internal static class RemoteLine
{
    public static string Of(string program, params IEnumerable<string> values) =>
        string.Join(' ', ["sudo", "-n", "sh", "-c", Quoted(program), "stepper", .. values.Select(Quoted)]);

    /// <summary>One word for a shell, whatever is in it. Only NUL can't be in a word.</summary>
    public static string Quoted(string word) =>
        word.Contains('\0', StringComparison.Ordinal)
            ? throw new ArgumentException("A NUL can't stand in a command line.", nameof(word))
            : "'" + word.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
}
