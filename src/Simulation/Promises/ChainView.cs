using System.Text.Json.Nodes;
using Stepper.Simulation.Api;
using Stepper.Simulation.Controllers;

namespace Stepper.Simulation.Promises;

/// <summary>The chain as its public names show it: labels, annotations, environment.</summary>
internal sealed class ChainView(ControlPlane plane, Invariants settings)
{
    public static bool IsChains(JsonObject body) => body.Text("metadata", "labels", "app") == "k8s-upgrade-chain";

    /// <summary>The node that a step's pod works on; null for a step without one.</summary>
    public static string? TargetOf(JsonObject pod)
    {
        var variables = pod.Items("spec", "containers").SelectMany(container => container.Items("env"));
        return variables.FirstOrDefault(variable => variable.Text("name") == "TARGET_NODE").Text("value") is { Length: > 0 } name ? name : null;
    }

    /// <summary>Cordoned, and by the chain.</summary>
    public bool Holds(JsonObject node) => node.Flag("spec", "unschedulable") && node.Annotation(Named("cordoned")).Length > 0;

    /// <summary>As it is held, or under a person's cordon.</summary>
    public bool IsWorkedOn(JsonObject node) => Holds(node) || (node.Flag("spec", "unschedulable") && node.Annotation(Named("cordoned-before")).Length > 0);

    public string RunOf(JsonObject job) => job.Annotation(Named("run"));

    public string OutcomeOf(JsonObject job) => job.Annotation(Named("outcome"));

    /// <summary>What is missing before anything may be changed; null when nothing is.</summary>
    public string? NotPrepared()
    {
        var ns = plane.Store.Find(Kinds.Namespace, null, settings.Namespace);
        if (ns is null || ns.Annotation(Named("in-flight")).Length == 0)
        {
            return "no run is in flight";
        }

        return settings.NeedsSnapshot && ns.Annotation(Named("snapshot-path")).Length == 0 ? "there is no snapshot" : null;
    }

    private string Named(string name) => $"{settings.AnnotationPrefix}/k8s-upgrade-{name}";
}
