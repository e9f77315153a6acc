using System.Text.Json.Nodes;
using Stepper.Simulation.Nodes;

namespace Stepper.Simulation.Shapes;

/// <summary>A node as its kubelet registers it.</summary>
internal static class NodeObjects
{
    public static JsonObject Of(NodeShape shape, SimulatedNode node)
    {
        var labels = new JsonObject
        {
            ["beta.kubernetes.io/arch"] = "amd64",
            ["beta.kubernetes.io/os"] = "linux",
            ["kubernetes.io/arch"] = "amd64",
            ["kubernetes.io/hostname"] = shape.HostnameLabel ?? shape.Name,
            ["kubernetes.io/os"] = "linux",
        };
        var taints = shape.Taints.Select(Taint).ToList();
        if (shape.IsControlPlane)
        {
            labels["node-role.kubernetes.io/control-plane"] = "";
            taints.Insert(0, Taint("node-role.kubernetes.io/control-plane:NoSchedule"));
        }

        var spec = new JsonObject();
        if (taints.Count > 0)
        {
            spec["taints"] = new JsonArray([.. taints]);
        }

        if (shape.IsCordoned)
        {
            spec["unschedulable"] = true;
        }

        return new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = shape.Name, ["labels"] = labels },
            ["spec"] = spec,
            ["status"] = Status(shape, node),
        };
    }

    private static JsonObject Status(NodeShape shape, SimulatedNode node)
    {
        var has = new JsonObject { ["cpu"] = shape.Cpu, ["memory"] = shape.Memory, ["pods"] = $"{shape.Pods}" };
        return new JsonObject
        {
            ["addresses"] = new JsonArray(
                new JsonObject { ["type"] = "InternalIP", ["address"] = node.Address },
                new JsonObject { ["type"] = "Hostname", ["address"] = shape.Name }),
            ["capacity"] = has,
            ["allocatable"] = has.DeepClone(),
            ["nodeInfo"] = new JsonObject
            {
                ["architecture"] = "amd64",
                ["bootID"] = node.BootId,
                ["containerRuntimeVersion"] = $"containerd://{shape.Containerd}",
                ["kernelVersion"] = "6.8.0-85-generic",
                ["kubeletVersion"] = $"v{node.Kubelet}",
                ["operatingSystem"] = "linux",
                ["osImage"] = "Ubuntu 24.04.3 LTS",
            },
        };
    }

    private static JsonObject Taint(string text)
    {
        var (rest, effect) = (text[..text.LastIndexOf(':')], text[(text.LastIndexOf(':') + 1)..]);
        var parts = rest.Split('=', 2);
        var taint = new JsonObject { ["key"] = parts[0], ["effect"] = effect };
        if (parts.Length == 2)
        {
            taint["value"] = parts[1];
        }

        return taint;
    }
}
