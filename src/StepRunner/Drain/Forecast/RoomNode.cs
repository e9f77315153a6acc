using Stepper.Cluster.Kubernetes.Objects;
using Stepper.Cluster.Nodes;

namespace Stepper.StepRunner.Drain.Forecast;

/// <summary>A node as the scheduler looks at it: what it lets in, and what is left of what it has.</summary>
internal sealed class RoomNode(ClusterNode node, ResourceNames names)
{
    /// <summary>The taint that Kubernetes puts on a cordoned node.</summary>
    public const string OfCordon = "node.kubernetes.io/unschedulable";

    public string Name => node.Name;

    public IReadOnlyDictionary<string, string> Labels => node.Node.Metadata.Labels;

    public bool IsCordoned => node.IsCordoned;

    /// <summary>Those that keep new pods off. That of the cordon is not among them: it follows the cordon, and stays a moment longer.</summary>
    public IReadOnlyList<Taint> Taints { get; } = [.. node.Node.Spec.Taints.Where(taint => taint.Effect is "NoSchedule" or "NoExecute" && taint.Key != OfCordon)];

    public ReadOnlySpan<long> Free => Left;

    /// <summary>Of the pods on it; what is above may take their room.</summary>
    public int LowestPriority { get; private set; } = int.MaxValue;

    /// <summary>A pod that runs here.</summary>
    public void Take(long[] asked, int priority)
    {
        LowestPriority = Math.Min(LowestPriority, priority);
        Left = Without(Left, asked);
    }

    public long[] CopyOfFree() => [.. Left];

    /// <summary>How much of its cores and memory would be left, from 0 to 1.</summary>
    public double Emptiness(ReadOnlySpan<long> free) => (Share(free, ResourceNames.Cpu) + Share(free, ResourceNames.Memory)) / 2;

    public static long[] Without(long[] free, long[] asked)
    {
        if (asked.Length > free.Length)
        {
            Array.Resize(ref free, asked.Length);
        }

        for (var place = 0; place < asked.Length; place++)
        {
            free[place] -= asked[place];
        }

        return free;
    }

    // Read only where it is asked for: of most nodes only what they let in.
    private long[] All => field ??= names.Given(node.Node.Status.Allocatable);

    private long[] Left { get => field ??= [.. All]; set; }

    private double Share(ReadOnlySpan<long> free, int place) => All[place] > 0 ? (double)free[place] / All[place] : 0;
}
