using Stepper.Cluster.Versions;
using Stepper.StepRunner.State;

namespace Stepper.StepRunner.Recovery;

/// <summary>How the cluster stands after a step that aborted, as it was looked at then.</summary>
/// <param name="Host">The node that the step's pod runs on; null for a step by hand.</param>
/// <param name="TriesAgain">Its Job makes another pod.</param>
/// <param name="Flight">Null when no run is in flight, or <paramref name="Unknown"/> says that this could not be read.</param>
/// <param name="Node">The node of the step; null for a step without one, or where it could not be read.</param>
/// <param name="AtTarget">The nodes whose kubelet is at the target, in natural order.</param>
/// <param name="Behind">All others.</param>
/// <param name="Unknown">What could not be read, each with why.</param>
internal sealed record Standing(
    Step Step, string? Host, bool TriesAgain, InFlight? Flight, NodeStanding? Node, IReadOnlyList<string> AtTarget, IReadOnlyList<string> Behind, IReadOnlyList<string> Unknown);

/// <param name="Address">Its InternalIP.</param>
/// <param name="Before">What its kubelet ran before the run's step on it; null where the step had not begun.</param>
/// <param name="Cordon">Whose its cordon is.</param>
/// <param name="CordonedBy">The run whose the chain's cordon is; null for another's.</param>
/// <param name="Packages">Package to version; null where the node could not be asked.</param>
/// <param name="ScriptRuns">Whether a run of the node script is alive; null where the node could not be asked.</param>
internal sealed record NodeStanding(
    string Name, string Address, bool IsControlPlane, KubeVersion Kubelet, KubeVersion? Before, bool IsReady, CordonOwner Cordon, string? CordonedBy,
    IReadOnlyDictionary<string, string>? Packages, bool? ScriptRuns)
{
    /// <summary>What it ran before the chain came.</summary>
    public KubeVersion From => Before ?? Kubelet;

    /// <summary>Whether its packages are another version's than its kubelet that runs, or the run has changed that; null where the node could not be asked.</summary>
    public bool? IsChanged => Packages is null ? null : Kubelet != From || Packages.Values.Any(version => !version.StartsWith($"{From}-", StringComparison.Ordinal));
}

internal enum CordonOwner
{
    Nobody,
    Chain,

    /// <summary>Somebody who had cordoned it before the chain came, or since.</summary>
    Person,
}
