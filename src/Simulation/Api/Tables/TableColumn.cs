using System.Text.Json.Nodes;

namespace Stepper.Simulation.Api.Tables;

/// <summary>A column of a <c>meta.k8s.io/v1 Table</c>, which is what kubectl asks for when it shows objects to a person.</summary>
/// <param name="Type"><c>string</c> or <c>integer</c>.</param>
/// <param name="Priority">0: always shown; 1: with <c>-o wide</c>.</param>
/// <param name="Cell">What stands in it, at a time.</param>
internal sealed record TableColumn(string Name, string Type, int Priority, Func<JsonObject, DateTimeOffset, JsonNode?> Cell)
{
    public JsonNode Definition() => new JsonObject
    {
        ["name"] = Name,
        ["type"] = Type,
        ["format"] = Name is "Name" ? "name" : "",
        ["description"] = Name,
        ["priority"] = Priority,
    };
}
