using System.Globalization;
using Spectre.Console;

namespace Stepper.StepRunner.Rehearsing;

/// <summary>A rehearsal as a person reads it: the story as it goes, and at the end what it came to. On a terminal in colours and in its width, else plain.</summary>
internal sealed class RehearsalPage
{
    private const int Wide = 4096;

    private readonly IAnsiConsole _console;

    public RehearsalPage(TextWriter output)
    {
        var target = new AnsiConsoleOutput(output);
        _console = AnsiConsole.Create(new AnsiConsoleSettings { Out = target, Ansi = target.IsTerminal ? AnsiSupport.Detect : AnsiSupport.No });
        if (!target.IsTerminal)
        {
            // Whoever reads it wraps it himself, or greps it line by line.
            _console.Profile.Width = Wide;
        }
    }

    /// <summary>What the programs of a node print is in its step's log, and would hide the story.</summary>
    public void Write(StoryLine line)
    {
        if (IsOfANode(line.Text))
        {
            return;
        }

        var colour = Colour(line.Text);
        var text = $"{Time(line.Time)}  {line.Who,-18} {line.Host,-12} {line.Text}";
        _console.Write(new Text(text + "\n", colour is { } known ? new Style(known) : Style.Plain));
    }

    public void Write(RehearsalOutcome outcome)
    {
        _console.WriteLine();
        var steps = Table("STEP", "HOST", "START", "DURATION", "RESULT");
        foreach (var step in outcome.Steps)
        {
            Row(steps, step.Title, step.Host, Time(step.Start), step.Took is { } took ? took.ToString("h\\:mm\\:ss", CultureInfo.InvariantCulture) : "", step.Result);
        }

        var versions = Table("NODE", "BEFORE", "AFTER");
        foreach (var (node, before, after) in outcome.Versions)
        {
            Row(versions, node, before, after);
        }

        var messages = Table("MESSAGES");
        foreach (var message in outcome.Messages)
        {
            Row(messages, message);
        }

        var gauges = Table("GAUGE", "LAST VALUE");
        foreach (var (series, value) in outcome.Gauges)
        {
            Row(gauges, series, value.ToString(CultureInfo.InvariantCulture));
        }

        foreach (var table in new[] { steps, versions, messages, gauges })
        {
            _console.Write(table);
            _console.WriteLine();
        }

        _console.Write(new Text(
            outcome.IsComplete ? "The chain came to its end.\n" : "The chain stopped before its end.\n", new Style(outcome.IsComplete ? Color.Green : Color.Red)));
    }

    private static Table Table(params IEnumerable<string> columns)
    {
        var table = new Table().NoBorder();
        foreach (var column in columns)
        {
            table.AddColumn(new TableColumn(new Text(column, new Style(decoration: Decoration.Bold))) { Padding = new Padding(0, 0, 3, 0) });
        }

        return table;
    }

    private static void Row(Table table, params IEnumerable<string> cells) => table.AddRow(cells.Select(cell => new Text(cell)));

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("HH:mm:ss", CultureInfo.InvariantCulture);

    private static bool IsOfANode(string text) => text.IndexOf(" | ", StringComparison.Ordinal) is var at and > 0 && at == text.IndexOf(' ', StringComparison.Ordinal);

    private static Color? Colour(string text) => text switch
    {
        _ when text.StartsWith("aborted", StringComparison.Ordinal) => Color.Red,
        _ when text.StartsWith("warning", StringComparison.Ordinal) => Color.Yellow,
        _ when text.StartsWith("message", StringComparison.Ordinal) => Color.Aqua,
        _ => null,
    };
}
