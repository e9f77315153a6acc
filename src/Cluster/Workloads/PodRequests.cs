using Stepper.Cluster.Kubernetes;
using Stepper.Cluster.Kubernetes.Objects;

namespace Stepper.Cluster.Workloads;

/// <summary>What a pod asks of a node, as Kubernetes counts it: by name, in cores, bytes and pieces.</summary>
public static class PodRequests
{
    /// <exception cref="SourceException">A request is no quantity.</exception>
    public static IReadOnlyDictionary<string, decimal> Of(SchedulableSpec pod)
    {
        var all = new Dictionary<string, decimal>(StringComparer.Ordinal);
        foreach (var container in pod.Containers)
        {
            Add(all, container.Resources.Requests);
        }

        Raise(all, WhileBeginning(pod.InitContainers, all));
        foreach (var (name, quantity) in pod.Resources?.Requests ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            // Said of the pod as a whole, it stands in the place of what its containers say.
            all[name] = Quantity.Read(quantity);
        }

        Add(all, pod.Overhead);
        return all;
    }

    // Init containers run one after another; one that is always restarted stays beside all that come after it, and is counted among the containers.
    private static Dictionary<string, decimal> WhileBeginning(IReadOnlyList<SchedulableContainer> beginners, Dictionary<string, decimal> all)
    {
        var (staying, most) = (new Dictionary<string, decimal>(StringComparer.Ordinal), new Dictionary<string, decimal>(StringComparer.Ordinal));
        foreach (var container in beginners)
        {
            if (container.RestartPolicy == "Always")
            {
                Add(all, container.Resources.Requests);
                Add(staying, container.Resources.Requests);
                Raise(most, staying);
                continue;
            }

            var beside = new Dictionary<string, decimal>(staying, StringComparer.Ordinal);
            Add(beside, container.Resources.Requests);
            Raise(most, beside);
        }

        return most;
    }

    private static void Add(Dictionary<string, decimal> all, IReadOnlyDictionary<string, string> more)
    {
        foreach (var (name, quantity) in more)
        {
            all[name] = all.GetValueOrDefault(name) + Quantity.Read(quantity);
        }
    }

    private static void Raise(Dictionary<string, decimal> all, Dictionary<string, decimal> least)
    {
        foreach (var (name, quantity) in least)
        {
            all[name] = Math.Max(all.GetValueOrDefault(name), quantity);
        }
    }
}
