using System.Net;
using System.Text.Json.Nodes;

namespace Stepper.Simulation.Api;

/// <summary><c>pods/eviction</c>: a pod goes if the disruption budgets that it is under let it.</summary>
internal sealed class Evictions(Registry registry, TimeProvider time)
{
    private const string Violates = "Cannot evict pod as it would violate the pod's disruption budget.";

    /// <param name="eviction">A <c>policy/v1 Eviction</c>.</param>
    public JsonObject Evict(string ns, string name, JsonObject eviction, ApiQuery query)
    {
        var pod = registry.Store.Find(Kinds.Pod, ns, name) ?? throw ApiRefusal.NotFound(Kinds.Pod, name);
        if (eviction["metadata"]?["name"] is { } named && (string?)named != name)
        {
            throw ApiRefusal.BadRequest("name in URL does not match name in Eviction object");
        }

        var options = DeleteOptions.Read(eviction["deleteOptions"] as JsonObject, query);
        options.MustHold(Kinds.Pod, pod);
        if (!IsFree(pod))
        {
            Spend(ns, name, pod, options.DryRun);
        }

        registry.Delete(Kinds.Pod, ns, name, options);
        return ApiStatus.Success(details: null, code: 201);
    }

    // No budget counts a pod that has ended, has not begun, or is going already.
    private static bool IsFree(JsonObject pod) =>
        (string?)pod["status"]?["phase"] is "Succeeded" or "Failed" or "Pending" || pod["metadata"]!["deletionTimestamp"] is not null;

    private void Spend(string ns, string name, JsonObject pod, bool dryRun)
    {
        var labels = StoredObject.ReadLabels(pod);
        var budgets = registry.Store.List(Kinds.DisruptionBudget, ns).Where(budget => Covers(budget, labels)).ToList();
        if (budgets.Count == 0)
        {
            return;
        }

        if (budgets.Count > 1)
        {
            throw new ApiRefusal(HttpStatusCode.InternalServerError, "InternalError", "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.");
        }

        var budget = budgets[0];
        if (!IsReady(pod) && MayGoUnhealthy(budget))
        {
            return;
        }

        MustAllow(budget);
        if (!dryRun)
        {
            registry.Change(Kinds.DisruptionBudget, ns, (string)budget["metadata"]!["name"]!, changed => Count(changed, name));
        }
    }

    private static bool Covers(JsonObject budget, IReadOnlyDictionary<string, string> labels) =>
        budget["spec"]?["selector"] is JsonObject selector && Selectors.Of(selector).Selects(labels);

    private static bool MayGoUnhealthy(JsonObject budget)
    {
        if ((string?)budget["spec"]?["unhealthyPodEvictionPolicy"] is "AlwaysAllow")
        {
            return true;
        }

        var healthy = Number(budget, "currentHealthy");
        return healthy >= Number(budget, "desiredHealthy") && Number(budget, "desiredHealthy") > 0;
    }

    private static void MustAllow(JsonObject budget)
    {
        var name = (string)budget["metadata"]!["name"]!;
        if (Number(budget, "observedGeneration") < (budget["metadata"]!["generation"].AsLong() ?? 0))
        {
            throw new ApiRefusal(
                HttpStatusCode.TooManyRequests,
                "TooManyRequests",
                Violates,
                new ApiCause("DisruptionBudget", $"The disruption budget {name} is still being processed by the server."))
            {
                Details = new ApiDetails(RetryAfterSeconds: 10),
            };
        }

        if (Number(budget, "disruptionsAllowed") < 1)
        {
            throw new ApiRefusal(
                HttpStatusCode.TooManyRequests,
                "TooManyRequests",
                Violates,
                new ApiCause("DisruptionBudget", $"The disruption budget {name} needs {Number(budget, "desiredHealthy")} healthy pods and has {Number(budget, "currentHealthy")} currently"))
            {
                Details = new ApiDetails(),
            };
        }
    }

    private void Count(JsonObject budget, string pod)
    {
        var status = budget["status"]!.AsObject();
        status["disruptionsAllowed"] = Number(budget, "disruptionsAllowed") - 1;
        if (status["disruptedPods"] is not JsonObject disrupted)
        {
            status["disruptedPods"] = disrupted = [];
        }

        disrupted[pod] = ApiTime.Text(time.GetUtcNow());
    }

    private static bool IsReady(JsonObject pod) =>
        pod["status"]?["conditions"] is JsonArray conditions
        && conditions.Any(condition => (string?)condition!["type"] is "Ready" && (string?)condition["status"] is "True");

    private static long Number(JsonObject budget, string field) => budget["status"]?[field].AsLong() ?? 0;
}
