using Stepper.Cluster.Kubernetes;
using Stepper.Cluster.Kubernetes.Objects;

namespace Stepper.StepRunner.Drain;

/// <summary>Which DaemonSets there are: a cluster has few of them, so that one list knows them all. Listed again only when a pod names one that is new.</summary>
internal sealed class DaemonSets(KubeApi api)
{
    private readonly HashSet<string> _lookedFor = new(StringComparer.Ordinal);
    private readonly HashSet<string> _there = new(StringComparer.Ordinal);

    /// <returns>Uids; those of all DaemonSets of <c>apps/v1</c> that control one of the pods are in it, if they exist.</returns>
    public async Task<IReadOnlySet<string>> OfAsync(IEnumerable<Pod> pods, CancellationToken ct)
    {
        var named = pods.Select(pod => pod.Metadata.Controller).OfType<OwnerReference>().Where(owner => owner is { Kind: "DaemonSet", ApiVersion: "apps/v1" }).Select(owner => owner.Uid).ToList();
        if (named.Exists(uid => !_lookedFor.Contains(uid)))
        {
            _there.UnionWith((await api.ListAsync(Resources.DaemonSets, null, KubeQuery.All, ct)).Items.Select(daemonSet => daemonSet.Metadata.Uid));
            _lookedFor.UnionWith(named);
        }

        return _there;
    }
}
