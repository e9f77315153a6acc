using System.Text.Json.Nodes;

namespace Stepper.Simulation.Controllers;

/// <summary>Whether one pod fits on a node, read once for all nodes. Says why not in the scheduler's own words.</summary>
internal sealed class PodFit
{
    private readonly List<JsonObject> _tolerations;
    private readonly IReadOnlyDictionary<string, string> _selector;
    private readonly List<JsonObject> _affinityTerms;

    public PodFit(JsonObject pod)
    {
        _tolerations = [.. pod.Items("spec", "tolerations")];
        _selector = pod.Map("spec", "nodeSelector");
        _affinityTerms = [.. pod.Items("spec", "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms")];
        Asks = Amounts.OfPod(pod);
    }

    public Amounts Asks { get; }

    /// <summary>The one node that its affinity names by its field, as a DaemonSet's pods have it; null where it may be any.</summary>
    public string? OnlyNode => _affinityTerms.Count == 1
        && _affinityTerms[0].Items("matchFields").FirstOrDefault() is { } wanted && wanted.Text("operator") == "In" && wanted.Words("values").ToList() is [var name]
        ? name
        : null;

    /// <summary>Null when it fits.</summary>
    public string? WhyNot(SchedulerNode node)
    {
        if (node.IsUnschedulable && !ToleratesUnschedulable())
        {
            return "node(s) were unschedulable";
        }

        if (!IsWanted(node))
        {
            return "node(s) didn't match Pod's node affinity/selector";
        }

        foreach (var taint in node.Taints)
        {
            // Stands for what IsUnschedulable says already.
            if (taint.Text("key") != NodeTaints.Unschedulable && !_tolerations.Exists(toleration => NodeTaints.Tolerates(toleration, taint)))
            {
                return $"node(s) had untolerated taint {{{taint.Text("key")}: {taint.Text("value")}}}";
            }
        }

        return WhyNoRoom(node);
    }

    /// <summary>Whether it may be there at all: its own wishes and the taints, not the room.</summary>
    public bool IsWanted(SchedulerNode node) =>
        (_selector.Count == 0 || _selector.All(wanted => node.Labels.TryGetValue(wanted.Key, out var value) && value == wanted.Value))
        && (_affinityTerms.Count == 0 || _affinityTerms.Exists(term => Meets(node, term)));

    private string? WhyNoRoom(SchedulerNode node)
    {
        var free = node.Free;
        if (free.Pods < 1)
        {
            return "Too many pods";
        }

        if (Asks.Cpu > free.Cpu && Asks.Cpu > 0)
        {
            return "Insufficient cpu";
        }

        return Asks.Memory > free.Memory && Asks.Memory > 0 ? "Insufficient memory" : null;
    }

    private bool ToleratesUnschedulable()
    {
        var taint = new JsonObject { ["key"] = NodeTaints.Unschedulable, ["effect"] = "NoSchedule" };
        return _tolerations.Exists(toleration => NodeTaints.Tolerates(toleration, taint));
    }

    private static bool Meets(SchedulerNode node, JsonObject term) =>
        term.Items("matchExpressions").All(expression => Meets(expression, node.Labels))
        && term.Items("matchFields").All(field => Meets(field, new Dictionary<string, string>(StringComparer.Ordinal) { ["metadata.name"] = node.Name }));

    private static bool Meets(JsonObject expression, IReadOnlyDictionary<string, string> values)
    {
        var has = values.TryGetValue(expression.Text("key"), out var value);
        return expression.Text("operator") switch
        {
            "In" => has && expression.Words("values").Contains(value, StringComparer.Ordinal),
            "NotIn" => !has || !expression.Words("values").Contains(value, StringComparer.Ordinal),
            "Exists" => has,
            "DoesNotExist" => !has,
            "Gt" => has && long.TryParse(value, out var above) && above > long.Parse(expression.Words("values").First()),
            "Lt" => has && long.TryParse(value, out var below) && below < long.Parse(expression.Words("values").First()),
            _ => false,
        };
    }
}
