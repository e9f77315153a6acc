using System.Text;
using System.Text.RegularExpressions;

namespace Stepper.Cluster.NodeShell;

/// <summary>What came back over ssh, with what is not the program's own taken away: login shells greet, and wrappers say goodbye.</summary>
/// <param name="HasBegun">The program began: <c>sudo</c> let it, and the login shell got that far.</param>
/// <param name="ExitCode">The program's own; null when its end was not seen, whatever ssh itself ended with.</param>
/// <param name="Output">The program's own, byte for byte; of one that was cut, nothing.</param>
internal sealed partial record RemoteAnswer(bool HasBegun, int? ExitCode, byte[] Output)
{
    public static RemoteAnswer Read(byte[] output)
    {
        var begin = Encoding.ASCII.GetBytes($"stepper-begin {RemoteLine.Mark}\n");
        var at = output.AsSpan().IndexOf(begin);
        if (at < 0)
        {
            return new RemoteAnswer(HasBegun: false, null, []);
        }

        var body = output.AsSpan(at + begin.Length);
        var end = body.LastIndexOf(Encoding.ASCII.GetBytes($"\nstepper-end {RemoteLine.Mark} "));
        return end >= 0 && End().Match(Encoding.ASCII.GetString(body[(end + 1)..])) is { Success: true } match
            ? new RemoteAnswer(HasBegun: true, int.Parse(match.Groups["code"].ValueSpan, System.Globalization.CultureInfo.InvariantCulture), body[..end].ToArray())
            : new RemoteAnswer(HasBegun: true, null, []);
    }

    [GeneratedRegex(@"^stepper-end [0-9a-f]+ (?<code>[0-9]{1,3})\n", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex End();
}
