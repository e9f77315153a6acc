using System.Text.Json.Nodes;

namespace Stepper.Simulation.Api;

/// <summary>Reading JSON that may have been made in code, where a number is of the type that it was made of and can't be read as another.</summary>
public static class JsonReading
{
    /// <summary>Null where there is none, or no whole number.</summary>
    public static long? AsLong(this JsonNode? node) => node switch
    {
        JsonValue value when value.TryGetValue<long>(out var number) => number,
        JsonValue value when value.TryGetValue<int>(out var number) => number,
        _ => null,
    };
}
