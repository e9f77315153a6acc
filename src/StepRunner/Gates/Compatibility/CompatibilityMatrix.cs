using Stepper.Cluster.Versions;

namespace Stepper.StepRunner.Gates.Compatibility;

/// <summary>What is known of what works with which minor of Kubernetes: <c>compat.yaml</c>, each line with its source.</summary>
internal sealed record CompatibilityMatrix(IReadOnlyList<KnownAddon> Addons, IReadOnlyList<RuntimeFloor> Runtimes, Removals Removed);

/// <summary>From where a line of the file is.</summary>
/// <param name="Source">Of a text that does not change: pinned to a commit, a tag or a version.</param>
/// <param name="Read">When somebody read it there.</param>
/// <param name="Fact">What it says, in a few words.</param>
internal sealed record Evidence(Uri Source, DateOnly Read, string Fact)
{
    public override string ToString() => $"\"{Fact}\", {Source}, read {Read:yyyy-MM-dd}";
}

/// <summary>Something that runs in clusters and supports some minors of Kubernetes and others not.</summary>
/// <param name="Images">Its images' repositories, without a registry; their tag is the addon's version.</param>
/// <param name="Pinned">Why the operator lets it stay where it is; null where he has not said so.</param>
/// <param name="Releases">Ascending; at least one.</param>
internal sealed record KnownAddon(string Name, IReadOnlyList<string> Images, string? Pinned, IReadOnlyList<AddonRelease> Releases)
{
    /// <summary>Which line a version is of; null where it is older than all.</summary>
    public AddonRelease? Covering(DottedVersion version) => Releases.LastOrDefault(release => release.Version <= version);
}

/// <summary>A line of an addon's releases, up to where the next one begins.</summary>
/// <param name="Kubernetes">The highest minor that its source says it supports.</param>
internal sealed record AddonRelease(DottedVersion Version, MinorVersion Kubernetes, Evidence Evidence);

/// <param name="Runtime">As nodes report it: <c>containerd</c>, <c>cri-o</c>.</param>
/// <param name="Kubernetes">From this minor on.</param>
/// <param name="Minimum">The lowest version that works with it.</param>
internal sealed record RuntimeFloor(string Runtime, MinorVersion Kubernetes, DottedVersion Minimum, Evidence Evidence);

/// <summary>What is gone from some minor on.</summary>
internal sealed record Removals(
    IReadOnlyList<RemovedApi> Apis,
    IReadOnlyList<RemovedFlag> Flags,
    IReadOnlyList<RemovedFeatureGate> FeatureGates,
    IReadOnlyList<RemovedPlugin> AdmissionPlugins,
    IReadOnlyList<RemovedField> KubeletConfiguration);

/// <param name="Group">Empty for the core group.</param>
/// <param name="Resource">The plural.</param>
/// <param name="In">The first minor without it.</param>
/// <param name="Instead">The API version that took its place; null where none did.</param>
internal sealed record RemovedApi(string Group, string Version, string Resource, MinorVersion In, string? Instead, Evidence Evidence);

/// <param name="Component">A program: <c>kube-apiserver</c>, <c>kubelet</c>, …</param>
/// <param name="Flag">Without dashes.</param>
/// <param name="KubeadmRemoves">kubeadm takes it itself out of the file that it keeps for kubelet.</param>
internal sealed record RemovedFlag(string Component, string Flag, MinorVersion In, bool KubeadmRemoves, Evidence Evidence);

/// <param name="Components">Which programs knew it; empty for all of them.</param>
internal sealed record RemovedFeatureGate(string Name, MinorVersion In, IReadOnlyList<string> Components, Evidence Evidence)
{
    public bool IsOf(string component) => Components.Count == 0 || Components.Contains(component, StringComparer.Ordinal);
}

internal sealed record RemovedPlugin(string Name, MinorVersion In, Evidence Evidence);

/// <param name="Field">The dotted path in a <c>KubeletConfiguration</c>.</param>
/// <param name="Value">Null where the field itself is gone; else the value that is refused.</param>
internal sealed record RemovedField(string Field, string? Value, MinorVersion In, Evidence Evidence);

/// <summary>From the minor that runs to the one to reach.</summary>
internal sealed record MinorStep(MinorVersion From, MinorVersion To)
{
    public bool IsCrossing => From < To;

    /// <summary>Whether what is so from some minor on comes with it. What runs at that minor already has got over it.</summary>
    public bool Reaches(MinorVersion minor) => From < minor && minor <= To;
}
