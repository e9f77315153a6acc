using System.Text.Json.Nodes;
using Stepper.StepRunner.Commands;

namespace Stepper.StepRunner.Rehearsing;

/// <summary>A rehearsal as data.</summary>
internal static class RehearsalJson
{
    public static string Of(Story story, RehearsalOutcome outcome) => OutputForm.Json(new JsonObject
    {
        ["complete"] = outcome.IsComplete,
        ["events"] = new JsonArray([.. story.Lines.Select(line => new JsonObject
        {
            ["time"] = line.Time, ["step"] = line.Who, ["host"] = line.Host, ["text"] = line.Text,
        })]),
        ["steps"] = new JsonArray([.. outcome.Steps.Select(step => new JsonObject
        {
            ["step"] = step.Title, ["host"] = step.Host, ["start"] = step.Start, ["durationSeconds"] = step.Took?.TotalSeconds, ["result"] = step.Result,
        })]),
        ["versions"] = new JsonArray([.. outcome.Versions.Select(node => new JsonObject { ["node"] = node.Node, ["before"] = node.Before, ["after"] = node.After })]),
        ["messages"] = new JsonArray([.. outcome.Messages.Select(message => (JsonNode)message)]),
        ["gauges"] = new JsonArray([.. outcome.Gauges.Select(gauge => new JsonObject { ["series"] = gauge.Series, ["value"] = gauge.Value })]),
    });
}
