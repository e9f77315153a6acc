using System.CommandLine;
using System.Text.Json.Nodes;
using Stepper.StepRunner.Reporting;

namespace Stepper.StepRunner.Commands;

/// <summary><c>stepper report</c>: how upgrades stand, as one message.</summary>
internal sealed class ReportCommand
{
    private readonly Option<string> _output = OutputForm.NewOption();

    public ReportCommand(ProcessInput input)
    {
        Command = new Command("report", """
            Says how upgrades stand, in one message, here and to Slack and the webhook where they are set up. It asks what detection and a preflight would ask, and changes nothing.

            It is one of: none needed, due, blocked, held, upgraded (within a week), in progress, stopped, detector stale (none has ended well for 8 days), cannot tell.

            Example:
              stepper report

            Exit codes: 0 told; what could not be read is in it; 2 wrong use or configuration.
            """) { _output, Session.ConfigOption() };
        Command.SetAction(async (parsed, ct) =>
        {
            var isText = OutputForm.IsText(parsed, _output);
            // The output is the report and nothing else; what is said on the way to it goes beside it.
            var session = Session.Open(input with { Output = input.Error }, parsed, []);
            return await session.Composition.ReportAsync(report => input.Output.WriteLine(isText ? report.Letter.Text : Json(report)), ct);
        });
    }

    public Command Command { get; }

    private static string Json(Report report) => OutputForm.Json(new JsonObject
    {
        ["outcome"] = report.OutcomeWords,
        ["title"] = report.Letter.Title,
        ["target"] = report.Target?.ToString(),
        ["parts"] = new JsonArray([.. report.Letter.Parts.Select(part => new JsonObject
        {
            ["heading"] = part.Heading,
            ["lines"] = new JsonArray([.. part.Lines.Select(line => (JsonNode)line)]),
        })]),
    });
}
