using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Stepper.StepRunner.Commands;

/// <summary>In which form a verb shows what it shows: <c>--output</c>, <c>text</c> for a person or <c>json</c> for a script.</summary>
internal static class OutputForm
{
    private const string Text = "text";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    // One for each command: an option remembers the commands that it is added to.
    public static Option<string> NewOption()
    {
        var option = new Option<string>("--output") { Description = "text or json.", HelpName = "FORM", DefaultValueFactory = _ => Text };
        option.AcceptOnlyFromAmong(Text, "json");
        return option;
    }

    public static bool IsText(ParseResult parsed, Option<string> option) => parsed.GetValue(option) == Text;

    public static string Json(JsonObject document) => document.ToJsonString(Indented);
}
