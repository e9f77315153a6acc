using Stepper.Cluster.Kubernetes;
using Stepper.Cluster.Kubernetes.Objects;

namespace Stepper.StepRunner.Phases.Parts;

/// <summary>Whose running pods are not ready: asked before a run and at its end, so that what the upgrade made worse can be told from what was so before.</summary>
internal sealed class NotReadyPods(KubeApi api)
{
    /// <summary>The pods' controllers, or the pods themselves where they have none, as <c>namespace/name</c>, in order.</summary>
    public async Task<IReadOnlyList<string>> OwnersAsync(CancellationToken ct) =>
        [.. (await api.ListAsync(Resources.Pods, null, new KubeQuery(Fields: "status.phase=Running"), ct)).Items
            .Where(pod => !pod.IsReady && pod.Metadata.DeletionTimestamp is null)
            .Select(OwnerOf).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    private static string OwnerOf(Pod pod) => $"{pod.Metadata.Namespace}/{pod.Metadata.Controller?.Name ?? pod.Metadata.Name}";
}
