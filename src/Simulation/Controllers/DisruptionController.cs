using System.Text.Json.Nodes;
using Stepper.Cluster.Kubernetes.Objects;
using Stepper.Simulation.Api;

namespace Stepper.Simulation.Controllers;

/// <summary>Writes into each disruption budget how many of its pods may go now. What an eviction was granted counts as gone for two minutes.</summary>
internal sealed class DisruptionController
{
    private static readonly TimeSpan DisruptedFor = TimeSpan.FromMinutes(2);

    private readonly ControlPlane _plane;
    private readonly WorkQueue _queue;

    public DisruptionController(ControlPlane plane)
    {
        _plane = plane;
        _queue = new WorkQueue(plane, TimeSpan.FromMilliseconds(40), Look);
        plane.Store.Changed += Follow;
    }

    private void Follow(StoreChange change)
    {
        if (change.Kind == Kinds.DisruptionBudget)
        {
            _queue.Add(change.Object.Key());
        }
        else if (change.Kind == Kinds.Pod)
        {
            // Of several budgets over a pod a real one takes any one, and the numbers of the others grow old (seen with v1.36.2).
            if (PodChanges.Counts(change) && BudgetsOf(change.Object).FirstOrDefault() is { } budget)
            {
                _queue.Add(budget.Key());
            }
        }
        else if ((change.Kind == Kinds.Deployment || change.Kind == Kinds.ReplicaSet || change.Kind == Kinds.StatefulSet) && change.Old.Number("spec", "replicas") != change.Object.Number("spec", "replicas"))
        {
            foreach (var budget in _plane.Store.List(Kinds.DisruptionBudget, change.Object.Namespace()))
            {
                _queue.Add(budget.Key());
            }
        }
    }

    private IEnumerable<JsonObject> BudgetsOf(JsonObject pod) =>
        _plane.Store.List(Kinds.DisruptionBudget, pod.Namespace()).Where(budget => Selects(budget, pod));

    /// <summary>No selector selects nothing, the empty one everything.</summary>
    public static bool Selects(JsonObject budget, JsonObject pod)
    {
        if (budget.At("spec", "selector") is not JsonObject selector)
        {
            return false;
        }

        // Read in place: this is asked of every pod under every budget of its namespace.
        var has = pod.At("metadata", "labels");
        if (selector["matchLabels"] is JsonObject wanted && wanted.Any(label => !has.Says(label.Value.Text(), label.Key)))
        {
            return false;
        }

        var labels = selector["matchExpressions"] is null ? null : pod.Labels();
        return labels is null || selector.Items("matchExpressions").All(expression => new LabelRequirement
            {
                Key = expression.Text("key"),
                Operator = expression.Text("operator"),
                Values = [.. expression.Words("values")],
            }.Selects(labels));
    }

    private void Look(ObjectKey key)
    {
        if (_plane.Store.Find(Kinds.DisruptionBudget, key.Namespace, key.Name) is not { } budget)
        {
            return;
        }

        var pods = _plane.Pods.In(key.Namespace).Where(pod => Selects(budget, pod)).ToList();
        var (expected, desired, failure) = BudgetCount.Of(budget, pods, _plane.Store);
        if (failure is not null)
        {
            // All else stays as it was, the generation that was looked at too.
            _plane.Change(Kinds.DisruptionBudget, key, changed => SetAllowed(changed, 0, "SyncFailed", failure));
            return;
        }

        var disrupted = StillDisrupted(budget, pods);
        var healthy = pods.Count(pod => pod.IsReady() && !pod.IsBeingDeleted() && !disrupted.ContainsKey(pod.Name()));
        _plane.Change(Kinds.DisruptionBudget, key, changed =>
        {
            var status = changed.Child("status");
            status["observedGeneration"] = (long?)changed["metadata"]!["generation"] ?? 1;
            status["expectedPods"] = expected;
            status["desiredHealthy"] = desired;
            status["currentHealthy"] = healthy;
            SetDisrupted(status, disrupted);
            var allowed = expected == 0 ? 0 : Math.Max(0, healthy - desired);
            SetAllowed(changed, allowed, allowed > 0 ? "SufficientPods" : "InsufficientPods", "");
        });
    }

    private void SetAllowed(JsonObject budget, int allowed, string reason, string message)
    {
        budget.Child("status")["disruptionsAllowed"] = allowed;
        budget.SetCondition("DisruptionAllowed", allowed > 0 ? "True" : "False", reason, message, _plane.Now);
        budget.Condition("DisruptionAllowed")!["observedGeneration"] = budget.Number("status", "observedGeneration");
    }

    private Dictionary<string, DateTimeOffset> StillDisrupted(JsonObject budget, List<JsonObject> pods)
    {
        var still = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        foreach (var (name, _) in budget.Map("status", "disruptedPods"))
        {
            var since = budget.Time("status", "disruptedPods", name) ?? _plane.Now;
            if (pods.Exists(pod => pod.Name() == name && !pod.IsBeingDeleted()) && _plane.Now < since + DisruptedFor)
            {
                still[name] = since;
                _queue.AddAt(budget.Key(), since + DisruptedFor);
            }
        }

        return still;
    }

    private static void SetDisrupted(JsonObject status, Dictionary<string, DateTimeOffset> disrupted)
    {
        status.Remove("disruptedPods");
        if (disrupted.Count > 0)
        {
            status["disruptedPods"] = new JsonObject(disrupted.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value.AsField())));
        }
    }
}
