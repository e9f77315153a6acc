using System.Text.Json.Nodes;
using Stepper.Simulation.Api;
using Stepper.Simulation.Controllers;

namespace Stepper.Simulation.Promises;

/// <summary>
/// A pod is deleted past a budget that does not let it go only where waiting can never help and nobody is hurt: it is the budget's only one, and its
/// ReplicaSet makes another.
/// </summary>
internal sealed class BudgetPromises(ControlPlane plane, Action<string> violated)
{
    public void Look(ApiCall call)
    {
        // The answer has been given and the controllers have not yet looked: budgets are as they were.
        if (call is not { Verb: "delete", Group: "", Resource: "pods", Subresource: "", Code: 200 } || call.User == ApiUser.Admin.Name
            || plane.Store.Find(Kinds.Pod, call.Namespace, call.Name) is not { } pod)
        {
            return;
        }

        foreach (var budget in plane.Store.List(Kinds.DisruptionBudget, call.Namespace).Where(budget => DisruptionController.Selects(budget, pod)))
        {
            if (budget.Number("status", "disruptionsAllowed") == 0 && !MayBePushed(budget, pod))
            {
                violated($"{pod.Key()} was deleted past budget {budget.Name()} (healthy {budget.Number("status", "currentHealthy")} of {budget.Number("status", "desiredHealthy")} wanted)");
            }
        }
    }

    private static bool MayBePushed(JsonObject budget, JsonObject pod) =>
        budget.Number("status", "expectedPods") == 1 && budget.Number("status", "desiredHealthy") >= 1 && pod.Controller().Text("kind") == "ReplicaSet";
}
