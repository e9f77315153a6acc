using System.Text.Json.Nodes;
using Stepper.Simulation.Api;
using Stepper.Simulation.Controllers;

namespace Stepper.Simulation.Nodes;

/// <summary>The mirror pods of a node's manifests: what the API shows of pods that it does not rule.</summary>
internal static class StaticPods
{
    public const string MirrorAnnotation = "kubernetes.io/config.mirror";

    public static IEnumerable<JsonObject> MirrorsOf(ControlPlane plane, SimulatedNode node) =>
        plane.Pods.OnNode(node.Name).Where(pod => pod.Annotation(MirrorAnnotation).Length > 0);

    /// <summary>Whether it shows what the manifest says now.</summary>
    public static bool IsCurrent(SimulatedNode node, JsonObject pod) =>
        node.StaticPods.TryGetValue(pod.Labels().GetValueOrDefault("component", ""), out var image) && pod.Annotation(MirrorAnnotation) == Hash(image);

    public static void MakeMissing(ControlPlane plane, SimulatedNode node)
    {
        if (plane.Store.Find(Kinds.Node, null, node.Name) is not { } owner)
        {
            return;
        }

        foreach (var (component, image) in node.StaticPods)
        {
            if (plane.Store.Find(Kinds.Pod, "kube-system", $"{component}-{node.Name}") is null)
            {
                plane.Registry.Create(Kinds.Pod, Mirror(owner, node, component, image));
            }
        }
    }

    private static JsonObject Mirror(JsonObject owner, SimulatedNode node, string component, string image) => new()
    {
        ["metadata"] = new JsonObject
        {
            ["name"] = $"{component}-{node.Name}",
            ["namespace"] = "kube-system",
            ["labels"] = new JsonObject { ["component"] = component, ["tier"] = "control-plane" },
            ["annotations"] = new JsonObject
            {
                [MirrorAnnotation] = Hash(image), ["kubernetes.io/config.hash"] = Hash(image), ["kubernetes.io/config.source"] = "file",
            },
            ["ownerReferences"] = new JsonArray(PodMaker.OwnerReference(Kinds.Node, owner)),
        },
        ["spec"] = new JsonObject
        {
            ["nodeName"] = node.Name,
            ["hostNetwork"] = true,
            ["priorityClassName"] = "system-node-critical",
            ["restartPolicy"] = "Always",
            ["containers"] = new JsonArray(new JsonObject
            {
                ["name"] = component,
                ["image"] = image,
                ["command"] = new JsonArray([component, .. node.ComponentFlags.TryGetValue(component, out var flags) ? flags : []]),
                ["resources"] = new JsonObject { ["requests"] = new JsonObject { ["cpu"] = "100m" } },
            }),
            ["tolerations"] = new JsonArray(new JsonObject { ["operator"] = "Exists", ["effect"] = "NoExecute" }),
        },
        ["status"] = new JsonObject { ["phase"] = "Pending" },
    };

    // Of the manifest, which differs in its image only.
    private static string Hash(string image) => $"{image.Aggregate(14695981039346656037ul, (hash, letter) => (hash ^ letter) * 1099511628211ul):x16}";
}
