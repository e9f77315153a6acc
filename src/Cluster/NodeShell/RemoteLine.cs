using System.Security.Cryptography;
using System.Text;

namespace Stepper.Cluster.NodeShell;

/// <summary>
/// The one string that ssh hands to the login shell of a node: a program, run by root's <c>sh</c>, and values that are only ever its positional parameters.
/// The only quoting there is. All of it but the few words at the front is base64: there is no agreement among login shells (csh, fish) on what quotes
/// do to a newline, a backslash or an exclamation mark.
/// </summary>
internal static class RemoteLine
{
    /// <summary>Tells where the program's own output begins and ends. Nothing that prints on a node can know it, and so nothing is taken for an answer by chance.</summary>
    public static string Mark { get; } = RandomNumberGenerator.GetHexString(16, lowercase: true);

    /// <param name="name">Stands in the node's own log of what <c>sudo</c> ran.</param>
    public static string Of(string name, string program, params IEnumerable<string> values)
    {
        var whole = $"set -- {string.Join(' ', values.Prepend(Mark).Select(Quoted))}\n{program}";
        // LC_ALL: what sudo refuses with is read. By env: csh knows no assignment before a command.
        return $"env LC_ALL=C sudo -n sh -c 'eval \"$(echo \"$1\" | base64 -d)\"' stepper-{name} {Convert.ToBase64String(Encoding.UTF8.GetBytes(whole))}";
    }

    /// <summary>One word for <c>sh</c>, whatever is in it. Only NUL can't be in a word.</summary>
    private static string Quoted(string word) =>
        word.Contains('\0', StringComparison.Ordinal)
            ? throw new ArgumentException("A NUL can't stand in a command line.", nameof(word))
            : "'" + word.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
}
