using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Stepper.Cluster.Kubernetes;

namespace Stepper.Simulation.Controllers;

/// <summary>A node as the scheduler looks at it, read once per change; and what the pods on it have asked for.</summary>
internal sealed class SchedulerNode(string name)
{
    public string Name => name;

    public IReadOnlyDictionary<string, string> Labels { get; private set; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Those that keep new pods away.</summary>
    public IReadOnlyList<JsonObject> Taints { get; private set; } = [];

    public bool IsUnschedulable { get; private set; }

    public Amounts Allocatable { get; private set; }

    public Amounts Used { get; set; }

    public Amounts Free => Allocatable - Used;

    public void Read(JsonObject node)
    {
        Labels = node.Labels();
        Taints = [.. node.Items("spec", "taints").Where(taint => taint.Text("effect") is "NoSchedule" or "NoExecute")];
        IsUnschedulable = node.Flag("spec", "unschedulable");
        Allocatable = Amounts.Read(node.At("status", "allocatable")) with { Pods = node.NumberOrNull("status", "allocatable", "pods") ?? 110 };
    }
}

/// <summary>What pods ask for and nodes have.</summary>
/// <param name="Cpu">In thousandths of a core.</param>
/// <param name="Memory">In bytes.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Amounts(long Cpu, long Memory, int Pods)
{
    public static Amounts Read(JsonNode? list) => new(Whole(list.Text("cpu"), 1000), Whole(list.Text("memory"), 1), 0);

    /// <summary>The requests of all of a pod's containers, and one pod.</summary>
    public static Amounts OfPod(JsonObject pod) =>
        pod.Items("spec", "containers").Aggregate(new Amounts(0, 0, 1), (sum, container) => sum + Read(container.At("resources", "requests")));

    public static Amounts operator +(Amounts left, Amounts right) => new(left.Cpu + right.Cpu, left.Memory + right.Memory, left.Pods + right.Pods);

    private static long Whole(string text, long times) => text.Length == 0 ? 0 : (long)decimal.Ceiling(Quantity.Read(text) * times);

    public static Amounts operator -(Amounts left, Amounts right) => new(left.Cpu - right.Cpu, left.Memory - right.Memory, left.Pods - right.Pods);
}
