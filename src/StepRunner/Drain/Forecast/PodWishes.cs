using System.Globalization;
using Stepper.Cluster.Kubernetes.Objects;
using Stepper.Cluster.Nodes;

namespace Stepper.StepRunner.Drain.Forecast;

/// <summary>Where a pod can run by its own words, and what it asks for there. Pods of one controller share it.</summary>
internal sealed class PodWishes(SchedulablePod pod, long[] asks)
{
    private readonly IReadOnlyDictionary<string, string> _selector = pod.Spec.NodeSelector;
    private readonly IReadOnlyList<NodeSelectorTerm>? _terms = pod.Spec.Affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution?.Terms;
    private readonly IReadOnlyList<Toleration> _tolerations = pod.Spec.Tolerations;

    public long[] Asks => asks;

    /// <summary>All that decides which nodes let it in. No name or value of labels and taints has these signs in it.</summary>
    public string Where => field ??= string.Concat(
        _selector.OrderBy(wanted => wanted.Key, StringComparer.Ordinal).Select(wanted => $"{wanted.Key}={wanted.Value};")
            .Concat(_terms?.Select(term => $"|{InWords(term.MatchExpressions)}&{InWords(term.MatchFields)}").Prepend("terms") ?? [])
            .Concat(_tolerations.Select(toleration => $"~{toleration.Key},{toleration.Operator},{toleration.Value},{toleration.Effect}")));

    public int Priority { get; } = pod.Spec.Priority;

    /// <summary>Whether it may end pods of lower priority where there is no room.</summary>
    public bool Preempts { get; } = pod.Spec.PreemptionPolicy != "Never";

    public string Namespace { get; } = pod.Metadata.Namespace ?? "";

    public IReadOnlyDictionary<string, string> Labels { get; } = pod.Metadata.Labels;

    /// <summary>Why it can't be told where it would run; null when it can.</summary>
    public string? Unclear { get; } = UnclearRoom.Why(pod);

    /// <summary>What keeps it off a node, whatever room is there; null when nothing does. Follows the number of such nodes.</summary>
    public string? WhyOff(RoomNode node)
    {
        if (node.IsCordoned && !Tolerates(new Taint { Key = RoomNode.OfCordon, Effect = "NoSchedule" }))
        {
            return "cordoned";
        }

        return node.Taints.FirstOrDefault(taint => !Tolerates(taint)) is { } taint ? $"with the taint {taint.Key}"
            : !IsWanted(node) ? "outside of its node selector or affinity"
            : null;
    }

    /// <summary>Whether a node lets it in of which it is not known what runs there.</summary>
    public bool MayRunOn(ClusterNode node, ResourceNames names) => WhyOff(new RoomNode(node, names)) is null;

    private bool Tolerates(Taint taint) => _tolerations.Any(toleration =>
        (toleration.Effect.Length == 0 || toleration.Effect == taint.Effect)
        && (toleration.Key.Length == 0 || toleration.Key == taint.Key)
        && toleration.Operator switch
        {
            "Exists" => true,
            "Equal" or "" => toleration.Value == (taint.Value ?? ""),
            _ => false,
        });

    private bool IsWanted(RoomNode node) =>
        _selector.All(wanted => node.Labels.TryGetValue(wanted.Key, out var value) && value == wanted.Value)
        && (_terms is null || _terms.Any(term => Meets(node, term)));

    private static string InWords(IReadOnlyList<NodeRequirement> requirements) =>
        string.Concat(requirements.Select(wanted => $"{wanted.Key},{wanted.Operator},{string.Join(',', wanted.Values)};"));

    // A term that asks for nothing matches nothing.
    private static bool Meets(RoomNode node, NodeSelectorTerm term) =>
        term.MatchExpressions.Count + term.MatchFields.Count > 0
        && term.MatchExpressions.All(expression => Meets(expression, node.Labels.GetValueOrDefault(expression.Key)))
        && term.MatchFields.All(field => Meets(field, node.Name));

    private static bool Meets(NodeRequirement wanted, string? value) => wanted.Operator switch
    {
        "In" => value is not null && wanted.Values.Contains(value, StringComparer.Ordinal),
        "NotIn" => value is null || !wanted.Values.Contains(value, StringComparer.Ordinal),
        "Exists" => value is not null,
        "DoesNotExist" => value is null,
        "Gt" => wanted.Values is [var least, ..] && Number(value) > Number(least),
        "Lt" => wanted.Values is [var most, ..] && Number(value) < Number(most),
        _ => false,
    };

    private static long? Number(string? text) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;
}
