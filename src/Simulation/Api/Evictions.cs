using System.Net;
using System.Text.Json.Nodes;

namespace Stepper.Simulation.Api;

/// <summary><c>pods/eviction</c>: a pod goes if the disruption budgets that it is under let it.</summary>
internal sealed class Evictions(Registry registry, TimeProvider time)
{
    /// <param name="eviction">A <c>policy/v1 Eviction</c>.</param>
    /// <exception cref="ApiRefusal">429: the budget does not allow it now. 500: two budgets. 409: the pod is another one. 403: its namespace is being ended.</exception>
    public JsonObject Evict(string ns, string name, JsonObject eviction, ApiQuery query)
    {
        if ((string?)eviction["metadata"]?["name"] != name)
        {
            throw ApiRefusal.BadRequest("name in URL does not match name in Eviction object");
        }

        // An eviction is something that is made, as any other is.
        registry.MustTakeNew(ns, Kinds.Pod, name);
        var pod = registry.Store.Find(Kinds.Pod, ns, name) ?? throw ApiRefusal.NotFound(Kinds.Pod, name);
        var options = DeleteOptions.Read(eviction["deleteOptions"] as JsonObject, query);
        if (!IsFree(pod))
        {
            // Before the preconditions are looked at, as in the real one: an eviction that they refuse has used the budget all the same.
            Spend(ns, name, pod, options.DryRun);
        }

        options.MustHold(Kinds.Pod, pod);
        if (!options.DryRun && !Has(pod, "DisruptionTarget"))
        {
            registry.Change(Kinds.Pod, ns, name, Mark);
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
        if (budgets.Count > 1)
        {
            throw new ApiRefusal(HttpStatusCode.InternalServerError, "", "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.");
        }

        if (budgets.Count == 0 || (!Has(pod, "Ready") && MayGoUnhealthy(budgets[0])))
        {
            return;
        }

        MustAllow(budgets[0]);
        if (!dryRun)
        {
            registry.Change(Kinds.DisruptionBudget, ns, (string)budgets[0]["metadata"]!["name"]!, budget => Count(budget, name));
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

        var wanted = Number(budget, "desiredHealthy");
        return wanted > 0 && Number(budget, "currentHealthy") >= wanted;
    }

    private static void MustAllow(JsonObject budget)
    {
        var name = (string)budget["metadata"]!["name"]!;
        if (Number(budget, "observedGeneration") < (budget["metadata"]!["generation"].AsLong() ?? 0))
        {
            throw Refused($"The disruption budget {name} is still being processed by the server.", new ApiDetails(RetryAfterSeconds: 10));
        }

        if (Number(budget, "disruptionsAllowed") < 1)
        {
            throw Refused(
                $"The disruption budget {name} needs {Number(budget, "desiredHealthy")} healthy pods and has {Number(budget, "currentHealthy")} currently", new ApiDetails());
        }
    }

    private static ApiRefusal Refused(string cause, ApiDetails details) => new(
        HttpStatusCode.TooManyRequests, "TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget.", new ApiCause("DisruptionBudget", cause))
    {
        Details = details,
    };

    private void Count(JsonObject budget, string pod)
    {
        var status = budget["status"]!.AsObject();
        status["disruptionsAllowed"] = Number(budget, "disruptionsAllowed") - 1;
        Rules.Defaults.Object(status, "disruptedPods")[pod] = Now();
        if (Number(budget, "disruptionsAllowed") == 0)
        {
            var spent = new JsonObject
            {
                ["type"] = "DisruptionAllowed",
                ["status"] = "False",
                ["observedGeneration"] = Number(budget, "observedGeneration"),
                ["lastTransitionTime"] = Now(),
                ["reason"] = "InsufficientPods",
                ["message"] = "",
            };
            SetCondition(status, spent);
        }
    }

    private void Mark(JsonObject pod)
    {
        var status = Rules.Defaults.Object(pod, "status");
        var condition = new JsonObject
        {
            ["type"] = "DisruptionTarget",
            ["status"] = "True",
            ["lastTransitionTime"] = Now(),
            ["reason"] = "EvictionByEvictionAPI",
            ["message"] = "Eviction API: evicting",
        };
        SetCondition(status, condition);
    }

    private static void SetCondition(JsonObject status, JsonObject condition)
    {
        var others = (status["conditions"] as JsonArray ?? []).Where(each => (string?)each?["type"] != (string?)condition["type"]).Select(each => each?.DeepClone());
        status["conditions"] = new JsonArray([.. others, condition]);
    }

    private static bool Has(JsonObject pod, string condition) =>
        pod["status"]?["conditions"] is JsonArray conditions
        && conditions.Any(each => (string?)each!["type"] == condition && (string?)each["status"] is "True");

    private static long Number(JsonObject budget, string field) => budget["status"]?[field].AsLong() ?? 0;

    private string Now() => ApiTime.Text(time.GetUtcNow());
}
