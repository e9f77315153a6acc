using System.Text.Json.Serialization;

namespace Stepper.Simulation.Api;

[JsonSerializable(typeof(string))]
internal sealed partial class ApiJson : JsonSerializerContext;
