using System.Text.Json;
using System.Text.Json.Serialization;

namespace Stepper.Cluster.Monitoring;

/// <summary>Prometheus' answers, only what is read of them. What is required here and missing there makes the answer no answer.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(PrometheusAnswer<AlertsData>))]
[JsonSerializable(typeof(PrometheusAnswer<RulesData>))]
[JsonSerializable(typeof(PrometheusAnswer<RuntimeData>))]
[JsonSerializable(typeof(PrometheusAnswer<QueryData>))]
internal sealed partial class PrometheusJson : JsonSerializerContext;

internal interface IAnswerData
{
    /// <summary>A null where none may be: the serializer takes it for an element of a list or a value of a map, whatever is declared.</summary>
    bool HasHoles { get; }
}

internal sealed record PrometheusAnswer<T>
    where T : class
{
    /// <summary><c>success</c> or <c>error</c>.</summary>
    public required string Status { get; init; }

    public T? Data { get; init; }

    public string? Error { get; init; }
}

internal sealed record AlertsData : IAnswerData
{
    public required IReadOnlyList<AlertData> Alerts { get; init; }

    [JsonIgnore]
    public bool HasHoles => Alerts.Any(alert => alert is null || alert.Labels.Values.Any(value => value is null));
}

internal sealed record AlertData
{
    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    public required string State { get; init; }

    public required DateTimeOffset ActiveAt { get; init; }
}

internal sealed record RulesData : IAnswerData
{
    public required IReadOnlyList<RuleGroupData> Groups { get; init; }

    [JsonIgnore]
    public bool HasHoles => Groups.Any(group => group is null || group.Rules.Any(rule => rule is null));
}

internal sealed record RuleGroupData
{
    public required string Name { get; init; }

    public required IReadOnlyList<RuleData> Rules { get; init; }

    /// <summary>The year 1 where it has never been evaluated.</summary>
    public required DateTimeOffset LastEvaluation { get; init; }

    [JsonIgnore]
    public IEnumerable<RuleData> AlertingRules => Rules.Where(rule => rule.Type == "alerting");

    /// <summary>Evaluated since Prometheus started, or since it read the group anew.</summary>
    [JsonIgnore]
    public bool IsEvaluated => LastEvaluation.Year > 1 && AlertingRules.All(rule => rule.Health != "unknown");
}

internal sealed record RuleData
{
    public required string Name { get; init; }

    /// <summary><c>alerting</c> or <c>recording</c>.</summary>
    public required string Type { get; init; }

    /// <summary><c>ok</c>, <c>err</c>, or <c>unknown</c> before its first evaluation.</summary>
    public required string Health { get; init; }
}

internal sealed record RuntimeData : IAnswerData
{
    public required DateTimeOffset StartTime { get; init; }

    [JsonIgnore]
    public bool HasHoles => false;
}

internal sealed record QueryData : IAnswerData
{
    /// <summary><c>vector</c>, <c>scalar</c>, <c>matrix</c> or <c>string</c>.</summary>
    public required string ResultType { get; init; }

    public required JsonElement Result { get; init; }

    [JsonIgnore]
    public bool HasHoles => false;
}
