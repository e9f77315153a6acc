using System.Text;
using System.Text.RegularExpressions;
using Stepper.Cluster.Versions;

namespace Stepper.Cluster.NodeShell;

/// <summary>Reads what the programs of <see cref="NodePrograms"/> print.</summary>
internal static partial class NodeAnswers
{
    private static readonly byte[] Log = "log\n"u8.ToArray();

    /// <summary>Releases as <c>apt-cache madison</c> lists them: <c>kubeadm | 1.34.7-1.1 | https://… Packages</c>. Each once, the newest first.</summary>
    public static IReadOnlyList<KubeVersion> Releases(string madison)
    {
        var releases = new SortedSet<KubeVersion>();
        foreach (var column in madison.Split('\n').Select(line => line.Split('|')).Where(columns => columns.Length >= 3).Select(columns => columns[1].Trim()))
        {
            // A pre-release such as 1.35.0~rc.1-1.1 has more in it than a release and a revision.
            if (ReleasePackage().Match(column) is { Success: true } match && KubeVersion.TryParse(match.Groups["release"].Value, out var release))
            {
                releases.Add(release);
            }
        }

        return [.. releases.Reverse()];
    }

    public static NodeInspection Inspection(string text, string node)
    {
        var words = text.Split('\n').Select(line => line.Split(' ')).ToList();
        return new NodeInspection(
            // One that is there for two architectures is listed twice.
            words.Where(word => word is ["package", _, _]).DistinctBy(word => word[1], StringComparer.Ordinal).ToDictionary(word => word[1], word => word[2], StringComparer.Ordinal),
            words.Where(word => word is ["held", _]).Select(word => word[1]).ToHashSet(StringComparer.Ordinal),
            words.Exists(word => word is ["run", ..]) ? Run(text, node) : null);
    }

    public static ScriptRun Run(string text, string node)
    {
        var lines = new AnswerLines(text, node);
        var (state, exitCode) = State(lines, node);
        return new ScriptRun(lines.Get("run"), KubeVersion.Parse(lines.Get("release"), $"the run of the node script on {node}"), state, exitCode);
    }

    /// <param name="fromByte">Where in the log the answer begins.</param>
    /// <param name="most">At most so many bytes of the log are in one answer.</param>
    public static ScriptProgress Progress(byte[] answer, long fromByte, int most, string node)
    {
        var at = answer.AsSpan().IndexOf(Log);
        var head = new AnswerLines(Encoding.UTF8.GetString(answer, 0, Math.Max(at, 0)), node);
        var body = answer.AsMemory(Math.Max(at, 0) + Log.Length);
        var (state, exitCode) = State(head, node);
        if (state is not ScriptState.Running && fromByte + body.Length >= head.Number("size"))
        {
            return new ScriptProgress(state, exitCode, Encoding.UTF8.GetString(body.Span), fromByte + body.Length);
        }

        // More is to come, of a run that goes on or of a long log: whole lines only, and so no character is cut.
        var whole = body.Span.LastIndexOf((byte)'\n') + 1;
        if (whole == 0 && body.Length == most)
        {
            whole = EndOfLastCharacter(body.Span);
        }

        return new ScriptProgress(ScriptState.Running, null, Encoding.UTF8.GetString(body.Span[..whole]), fromByte + whole);
    }

    // Before the last character, which may be cut. Text that is no UTF-8 has no characters: it is taken as it is.
    private static int EndOfLastCharacter(ReadOnlySpan<byte> text)
    {
        const int Longest = 4;
        for (var end = text.Length - 1; end > 0 && end >= text.Length - Longest; end--)
        {
            if ((text[end] & 0xC0) != 0x80)
            {
                return end;
            }
        }

        return text.Length;
    }

    private static (ScriptState State, int? ExitCode) State(AnswerLines lines, string node) => lines.Get("state") switch
    {
        "running" => (ScriptState.Running, null),
        "ended" => (ScriptState.Ended, (int)lines.Number("exit")),
        "rebooted" => (ScriptState.Rebooted, null),
        "lost" => (ScriptState.Lost, null),
        var other => throw new SourceException($"{node} says that the state of the node script's run is \"{other}\""),
    };

    [GeneratedRegex(@"^(?<release>[0-9]+\.[0-9]+\.[0-9]+)-[0-9][0-9.]*\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ReleasePackage();
}
