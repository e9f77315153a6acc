using Stepper.Cluster.Kubernetes;
using Stepper.Cluster.Kubernetes.Objects;

namespace Stepper.StepRunner.Drain;

/// <summary>Which DaemonSets there are, read when a pod names one that has not been looked for yet: once for a drain, as a rule.</summary>
internal sealed class DaemonSets(KubeApi api)
{
    private readonly HashSet<string> _lookedFor = new(StringComparer.Ordinal);
    private HashSet<string> _there = new(StringComparer.Ordinal);

    /// <returns>Uids; those of all DaemonSets that own one of the pods are in it, if they exist.</returns>
    public async Task<IReadOnlySet<string>> OwningAsync(IEnumerable<Pod> pods, CancellationToken ct)
    {
        List<string> owners = [.. pods.Select(pod => pod.Metadata.Controller).OfType<OwnerReference>().Where(owner => owner.Kind == "DaemonSet").Select(owner => owner.Uid)];
        if (!_lookedFor.IsSupersetOf(owners))
        {
            var list = await api.ListAsync(Resources.DaemonSets, null, KubeQuery.All, ct);
            _there = list.Items.Select(set => set.Metadata.Uid).ToHashSet(StringComparer.Ordinal);
            _lookedFor.UnionWith(owners);
        }

        return _there;
    }
}
