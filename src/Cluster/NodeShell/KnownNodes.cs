using System.Net;
using System.Text.Json.Nodes;
using Stepper.Cluster.Kubernetes;

namespace Stepper.Cluster.NodeShell;

/// <summary>Where the host keys that were trusted on first use are kept: ConfigMap <c>k8s-upgrade-known-hosts</c>, a key per node.</summary>
public sealed class KnownNodes(KubeApi api, string ns)
{
    private const string Name = "k8s-upgrade-known-hosts";

    public HostKeys Keys => HostKeys.TrustedOnFirstUse(LoadAsync, SaveAsync);

    private async Task<IReadOnlyDictionary<string, string>> LoadAsync(CancellationToken ct) =>
        (await api.FindAsync(Resources.ConfigMaps, ns, Name, ct))?.Data ?? new Dictionary<string, string>(StringComparer.Ordinal);

    // One key at a time: another step may remember another node meanwhile.
    private async Task SaveAsync(string node, string lines, CancellationToken ct)
    {
        try
        {
            await api.MergeAsync(Resources.ConfigMaps, ns, Name, new JsonObject { ["data"] = new JsonObject { [node] = lines } }, ct);
        }
        catch (KubeRefusedException e) when (e.Code == HttpStatusCode.NotFound)
        {
            // To make it would take the right to make any ConfigMap.
            throw new SourceException($"ConfigMap {ns}/{Name} is not there to keep the host key of {node} in; apply what `stepper manifests` prints", e);
        }
    }
}
