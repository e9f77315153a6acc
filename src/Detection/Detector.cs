using Stepper.Cluster;
using Stepper.Cluster.Kubernetes;
using Stepper.Cluster.NodeShell;
using Stepper.Cluster.Nodes;
using Stepper.Cluster.Versions;

namespace Stepper.Detection;

/// <summary>
/// Finds the version to go to. Reads only. A source that can't be asked is a <see cref="SourceException"/>: it never reads as "no upgrade needed".
/// </summary>
public sealed class Detector(KubeApi api, INodeShell shell, PackageRepository repository, Wait wait)
{
    private readonly NodeList _nodes = new(api);

    public async Task<Detected> DetectAsync(DetectionPolicy policy, CancellationToken ct)
    {
        var nodes = await _nodes.ListAsync(ct);
        var pods = (await api.ListAsync(Resources.Pods, "kube-system", new KubeQuery(Labels: "tier=control-plane"), ct)).Items;
        var versions = RunningVersions.Of(nodes, pods);
        return new Detected(versions, TargetChoice.OfHalfWay(versions) ?? await ChooseAsync(versions.OldestKubelet.Version, FirstControlPlane(nodes), policy, ct));
    }

    /// <summary>The newest release of the minor after the one that runs, however young, of those that are not to be skipped; null where it has none, or is not wanted.</summary>
    public async Task<KubeVersion?> NewestOfNextMinorAsync(KubeVersion running, DetectionPolicy policy, CancellationToken ct)
    {
        var next = running.Line.Next;
        return TargetChoice.WhyNoMinor(running, policy) is null && await repository.ExistsAsync(next, known: running.Line, ct)
            ? (await repository.ReleasesAsync(next, ct)).LastOrDefault(release => !policy.Skip.Contains(release.Version))?.Version
            : null;
    }

    private async Task<TargetChoice> ChooseAsync(KubeVersion running, NodeTarget node, DetectionPolicy policy, CancellationToken ct)
    {
        var patches = await PatchesAsync(running, node, policy, ct);
        if (TargetChoice.OfPatches(running, patches, policy, wait.Now) is { } patch)
        {
            return patch;
        }

        // Not asked for when nobody wants it: a mirror may have no other minor at all.
        var next = TargetChoice.WhyNoMinor(running, policy) is null ? await NextMinorAsync(running, policy, ct) : null;
        return TargetChoice.OfNextMinor(running, patches, next, policy, wait.Now);
    }

    private async Task<IReadOnlyList<OfferedRelease>> PatchesAsync(KubeVersion running, NodeTarget node, DetectionPolicy policy, CancellationToken ct)
    {
        var line = running.Line;
        var byApt = (await shell.AvailableKubeadmAsync(node, ct)).Where(version => version.Line == line).ToList();
        if (byApt.Count > 0 && (policy.MinimumAge == TimeSpan.Zero || !byApt.Exists(version => version > running)))
        {
            return [.. byApt.Select(version => new OfferedRelease(version))];
        }

        // The node's source gives nothing of this minor, or ages are wanted, which only the repository has.
        var index = await repository.ReleasesAsync(line, ct);
        var offered = byApt.Count == 0 ? index : [.. index.Where(release => byApt.Contains(release.Version))];
        return [.. await WithAgesAsync(running, offered, policy, ct), .. byApt.Except(offered.Select(release => release.Version)).Select(version => new OfferedRelease(version))];
    }

    private async Task<IReadOnlyList<OfferedRelease>?> NextMinorAsync(KubeVersion running, DetectionPolicy policy, CancellationToken ct)
    {
        var next = running.Line.Next;
        return await repository.ExistsAsync(next, known: running.Line, ct)
            ? await WithAgesAsync(running, await repository.ReleasesAsync(next, ct), policy, ct)
            : null;
    }

    private async Task<IReadOnlyList<OfferedRelease>> WithAgesAsync(
        KubeVersion running, IReadOnlyList<PackagedRelease> releases, DetectionPolicy policy, CancellationToken ct)
    {
        List<OfferedRelease> offered = [];
        foreach (var release in releases)
        {
            var matters = policy.MinimumAge > TimeSpan.Zero && release.Version > running && !policy.Skip.Contains(release.Version);
            offered.Add(new OfferedRelease(release.Version, matters ? await repository.PublishedAsync(release, ct) : null));
        }

        return offered;
    }

    private static NodeTarget FirstControlPlane(IReadOnlyList<ClusterNode> nodes) =>
        nodes.FirstOrDefault(node => node.IsControlPlane)?.Target ?? throw new SourceException($"no node bears the label {ClusterNode.ControlPlaneLabel}");
}

/// <summary>What detection found out.</summary>
public sealed record Detected(RunningVersions Versions, TargetChoice Choice);
