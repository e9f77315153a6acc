using System.Text;

namespace Stepper.StepRunner.Rehearsing;

/// <summary>One thing that happened in a rehearsal.</summary>
/// <param name="Who">The step or the verb that tells it: <c>worker k8s-node3</c>.</param>
/// <param name="Host">The node that its pod runs on; empty for what is run by hand.</param>
internal sealed record StoryLine(DateTimeOffset Time, string Who, string Host, string Text);

/// <summary>What all processes of a rehearsal said, in order.</summary>
internal sealed class Story(TimeProvider time)
{
    private readonly List<StoryLine> _lines = [];

    /// <summary>Told each line as it is said.</summary>
    public event Action<StoryLine>? Said;

    public IReadOnlyList<StoryLine> Lines => _lines;

    /// <summary>A standard output, whose lines become lines of the story and of the pod's own log.</summary>
    public TextWriter OutputOf(string who, string host, TextWriter log) => new LineWriter(line =>
    {
        log.WriteLine(line);
        Add(who, host, line);
    });

    private void Add(string who, string host, string line)
    {
        // Each line of a step begins with its own time, which the story has beside it already.
        var text = line.Length > 9 && line[2] == ':' && line[5] == ':' && line[8] == ' ' ? line[9..] : line;
        var said = new StoryLine(time.GetUtcNow(), who, host, text);
        _lines.Add(said);
        Said?.Invoke(said);
    }

    private sealed class LineWriter(Action<string> tell) : TextWriter
    {
        private readonly StringBuilder _line = new();

        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value)
        {
            if (value == '\n')
            {
                tell(_line.ToString().TrimEnd('\r'));
                _line.Clear();
            }
            else
            {
                _line.Append(value);
            }
        }

        // A TextWriter's own would write on a thread of the pool, and the process' rest would go on there.
        public override Task WriteAsync(string? value)
        {
            Write(value);
            return Task.CompletedTask;
        }

        public override Task WriteLineAsync(string? value)
        {
            WriteLine(value);
            return Task.CompletedTask;
        }
    }
}
