using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Stepper.StepRunner.Commands;

/// <summary>In which form a verb shows what it shows: <c>--output</c>, <c>text</c> for a person (or YAML for kubectl) or <c>json</c> for a script.</summary>
internal static class OutputForm
{
    private const string ForScripts = "json";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    // One for each command: an option remembers the commands that it is added to.
    public static Option<string> NewOption(string text = "text")
    {
        var option = new Option<string>("--output") { Description = $"{text} or {ForScripts}.", HelpName = "FORM", DefaultValueFactory = _ => text };
        option.AcceptOnlyFromAmong(text, ForScripts);
        return option;
    }

    public static bool IsText(ParseResult parsed, Option<string> option) => parsed.GetValue(option) != ForScripts;

    public static string Json(JsonObject document) => document.ToJsonString(Indented);
}
