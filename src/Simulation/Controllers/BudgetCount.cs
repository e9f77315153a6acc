using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Stepper.Simulation.Api;

namespace Stepper.Simulation.Controllers;

/// <summary>How many pods a disruption budget counts on, and how many of them must be healthy.</summary>
/// <param name="Failure">Why that can't be said; null where it can.</param>
internal readonly record struct BudgetCount(int Expected, int Desired, string? Failure)
{
    /// <param name="pods">All that it selects, those that have finished too.</param>
    public static BudgetCount Of(JsonObject budget, IReadOnlyList<JsonObject> pods, ObjectStore store)
    {
        var (most, least) = (budget.At("spec", "maxUnavailable"), budget.At("spec", "minAvailable"));
        if (most is null && (least is null || !IsShare(least)))
        {
            // With neither it counts nothing, and so lets nothing go.
            return least is null ? default : new BudgetCount(pods.Count, Scaled(least, pods.Count), null);
        }

        var (wanted, failure) = Wanted(pods, store);
        return failure is not null ? new BudgetCount(0, 0, failure)
            : most is null ? new BudgetCount(wanted, Scaled(least!, wanted), null)
            : new BudgetCount(wanted, Math.Max(0, wanted - Scaled(most, wanted)), null);
    }

    // What the pods' controllers want to have. A pod that stands alone adds nothing.
    private static (int Wanted, string? Failure) Wanted(IReadOnlyList<JsonObject> pods, ObjectStore store)
    {
        var scales = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var pod in pods)
        {
            if (pod.Controller() is { } owner)
            {
                var (scaled, failure) = Scaled(pod, owner, store);
                if (scaled is null)
                {
                    return (0, failure);
                }

                scales[scaled.Uid()] = scaled.NumberOrNull("spec", "replicas") ?? 1;
            }
        }

        return (scales.Values.Sum(), null);
    }

    // A Deployment's ReplicaSets are counted as one.
    private static (JsonObject? Scaled, string? Failure) Scaled(JsonObject pod, JsonObject owner, ObjectStore store)
    {
        var (version, name) = (owner.Text("apiVersion"), owner.Text("kind"));
        if (Kinds.All.FirstOrDefault(known => known.ApiVersion == version && known.Kind == name) is not { } kind)
        {
            return (null, $"no matches for kind \"{name}\" in version \"{version}\"");
        }

        if (!kind.HasScale)
        {
            return (null, $"{kind.Plural}{(kind.Group.Length > 0 ? "." : "")}{kind.Group} does not implement the scale subresource");
        }

        var found = Find(kind, pod.Namespace(), owner, store);
        var above = found?.Controller() is { } controller && controller.Text("kind") == "Deployment" ? Find(Kinds.Deployment, pod.Namespace(), controller, store) : null;
        return found is null ? (null, $"found no controllers for pod \"{pod.Name()}\"") : (above ?? found, null);
    }

    private static JsonObject? Find(ResourceKind kind, string ns, JsonObject owner, ObjectStore store) =>
        store.Find(kind, ns, owner.Text("name")) is { } found && found.Uid() == owner.Text("uid") ? found : null;

    private static bool IsShare(JsonNode value) => value.GetValueKind() == JsonValueKind.String && value.ToString().EndsWith('%');

    // Shares are rounded up, of what may be away as of what must be there.
    private static int Scaled(JsonNode value, int of) => IsShare(value)
        ? (int)Math.Ceiling(double.Parse(value.ToString().TrimEnd('%'), CultureInfo.InvariantCulture) * of / 100)
        : int.Parse(value.ToString(), CultureInfo.InvariantCulture);
}
