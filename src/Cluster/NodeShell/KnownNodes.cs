using System.Net;
using System.Text.Json.Nodes;
using Stepper.Cluster.Kubernetes;

namespace Stepper.Cluster.NodeShell;

/// <summary>Where the host keys that were trusted on first use are kept: ConfigMap <c>k8s-upgrade-known-hosts</c>, a key per node.</summary>
public sealed class KnownNodes
{
    /// <summary>The ConfigMap's name.</summary>
    public const string Name = "k8s-upgrade-known-hosts";

    private readonly KubeApi _api;
    private readonly string _namespace;

    public KnownNodes(KubeApi api, string ns)
    {
        _api = api;
        _namespace = ns;
        Keys = HostKeys.TrustedOnFirstUse(LoadAsync, SaveAsync);
    }

    public HostKeys Keys { get; }

    private async Task<IReadOnlyDictionary<string, string>> LoadAsync(CancellationToken ct) =>
        (await _api.FindAsync(Resources.ConfigMaps, _namespace, Name, ct))?.Data
        ?? new Dictionary<string, string>(StringComparer.Ordinal);

    // One key at a time: another step may remember another node meanwhile.
    private async Task SaveAsync(string node, string lines, CancellationToken ct)
    {
        try
        {
            await _api.MergeAsync(Resources.ConfigMaps, _namespace, Name, new JsonObject { ["data"] = new JsonObject { [node] = lines } }, ct);
        }
        catch (KubeRefusedException e) when (e.Code == HttpStatusCode.NotFound)
        {
            // To make it would take the right to make any ConfigMap.
            throw new SourceException($"ConfigMap {_namespace}/{Name} is not there to keep the host key of {node} in; apply what `stepper manifests` prints", e);
        }
    }
}
