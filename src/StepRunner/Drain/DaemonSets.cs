using Stepper.Cluster.Kubernetes;
using Stepper.Cluster.Kubernetes.Objects;

namespace Stepper.StepRunner.Drain;

/// <summary>Which DaemonSets there are: each is looked for once in a drain, when the first pod names it.</summary>
internal sealed class DaemonSets(KubeApi api)
{
    private readonly HashSet<string> _lookedFor = new(StringComparer.Ordinal);
    private readonly HashSet<string> _there = new(StringComparer.Ordinal);

    /// <returns>Uids; those of all DaemonSets of <c>apps/v1</c> that control one of the pods are in it, if they exist.</returns>
    public async Task<IReadOnlySet<string>> OfAsync(IEnumerable<Pod> pods, CancellationToken ct)
    {
        foreach (var pod in pods)
        {
            if (pod.Metadata.Controller is { Kind: "DaemonSet", ApiVersion: "apps/v1" } owner && _lookedFor.Add(owner.Uid))
            {
                var found = await api.FindAsync(Resources.DaemonSets, pod.Metadata.Namespace, owner.Name, ct);
                if (found?.Metadata.Uid == owner.Uid)
                {
                    _there.Add(owner.Uid);
                }
            }
        }

        return _there;
    }
}
