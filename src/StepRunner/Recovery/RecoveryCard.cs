using Stepper.StepRunner.Gates;
using Stepper.StepRunner.State;

namespace Stepper.StepRunner.Recovery;

/// <summary>
/// What a person reads at 3 a.m. after a step that aborted: how things stand, and the commands to go on, to undo, to give up, and what not to do. Made from
/// what was found, never from what should be. Pure; docs/runbook.md has the same in more words.
/// </summary>
/// <param name="sshUser">As whom a node is logged in to.</param>
internal sealed class RecoveryCard(string ns, Annotations names, string sshUser)
{
    public string Of(Standing standing)
    {
        var situation = SituationOf(standing);
        IEnumerable<string> lines =
        [
            "How it stands:",
            .. Facts(standing).Select(fact => $"- {fact}"),
            $"To go on: {(standing.TriesAgain ? "its Job tries once more by itself. Where that fails: " : "")}{GoOn(standing, situation)}",
            $"To undo: {Undo(standing, situation)}",
            GiveUp,
            .. DoNot(standing, situation) is { } not ? new[] { $"Do not: {not}" } : [],
        ];
        return string.Join('\n', lines);
    }

    /// <summary>The same for what came to nothing before there was a step to work at.</summary>
    public string Of(NotBegun standing)
    {
        IEnumerable<string> lines =
        [
            "How it stands:",
            $"- {standing.What}",
            .. standing.Flight is { } flight ? new[] { $"- the run {flight.Run} is in flight{(flight.ParkedUntil is null ? "" : ", and parked")}" } : standing.Unknown.Count == 0 ? ["- no run is in flight"] : [],
            .. standing.Active.Select(job => $"- Job {job} is active"),
            .. standing.Unknown.Select(unknown => $"- not known: {unknown}"),
            $"To go on: {(standing.MayTryAgain ? "its Job may try once more by itself. Where that fails: " : "")}put right what is named above, then: {standing.GoOn}; or leave it to the next detection, which "
                + (standing.Flight is null ? "asks again" : "takes a run up again that has stopped"),
            GiveUp,
        ];
        return string.Join('\n', lines);
    }

    private string GiveUp => $"To give up: kubectl -n {ns} create configmap {KillSwitchGate.Name} --from-literal=reason=WHY (nothing is begun until it is deleted)";

    private static Situation SituationOf(Standing standing) => standing.Node switch
    {
        null when standing.Step.Phase is PhaseName.Preflight => standing.Flight is null ? Situation.NotBegun : Situation.Begun,
        null when standing.Step.Phase is PhaseName.Postflight => Situation.AllDone,
        null => Situation.Unknown,
        { ScriptRuns: true } => Situation.ScriptRuns,
        { IsChanged: null } => Situation.Unknown,
        { Kubelet: var kubelet, Cordon: not CordonOwner.Chain } when kubelet == standing.Step.Target => Situation.InUse,
        { IsChanged: false } => Situation.Untouched,
        _ => Situation.Half,
    };

    private static IEnumerable<string> Facts(Standing standing)
    {
        var step = standing.Step;
        yield return $"{step.Title} of the run {step.Run}, {(standing.Host is { } host ? $"its pod on {host}" : "by hand")}";
        if (standing.Node is { } node)
        {
            yield return $"{node.Name}: kubelet {node.Kubelet}{(node.Before is { } before && before != node.Kubelet ? $", before {before}" : "")}, {(node.IsReady ? "Ready" : "not Ready")}; "
                + (node.Packages is { } packages ? $"packages {string.Join(", ", packages.Select(package => $"{package.Key} {package.Value}"))}" : "packages not known")
                + (node.ScriptRuns is true ? "; the node script runs on it" : "");
            yield return node.Cordon switch
            {
                CordonOwner.Nobody => $"{node.Name} is not cordoned",
                CordonOwner.Chain => $"{node.Name} is cordoned by the chain, by the run {node.CordonedBy}",
                _ => $"{node.Name} is cordoned by a person, and the chain leaves it so",
            };
        }

        if (standing.AtTarget.Count + standing.Behind.Count > 0)
        {
            yield return $"at {step.Target}: {Names(standing.AtTarget)}; not yet: {Names(standing.Behind)}";
        }

        if (standing.Flight is { } flight)
        {
            yield return $"etcd snapshot: {flight.SnapshotPath ?? "none was taken"}";
        }
        else if (standing.Unknown.Count == 0)
        {
            yield return "no run is in flight";
        }

        foreach (var unknown in standing.Unknown)
        {
            yield return $"not known: {unknown}";
        }
    }

    private static string GoOn(Standing standing, Situation situation)
    {
        var step = standing.Step;
        return (situation, step.Phase) switch
        {
            (Situation.NotBegun, _) => $"put right what is named above, then: stepper start --target {step.Target}; or leave it to the next detection, which asks again",
            (_, PhaseName.Preflight) => $"put right what is named above, then: stepper start --target {step.Target}; or leave it to the next detection, which takes the run up again",
            (_, PhaseName.Postflight) => "put right what is named above, then have it looked at again: stepper --phase postflight; the next detection only clears the run's record, and looks at nothing else",
            (Situation.ScriptRuns, _) => $"{Step(step)}: it attaches to the run of the node script that goes, and brings the node to its end; so does the next detection",
            _ => $"put right what is named above, then: {Step(step)}; or leave it to the next detection, which takes the run up again",
        };
    }

    private string Undo(Standing standing, Situation situation) => (situation, standing.Node) switch
    {
        (Situation.NotBegun, _) => "nothing; nothing was changed",
        (Situation.Begun, _) => $"no node was touched; the record of the run goes by: kubectl annotate namespace {ns} {names.InFlight}- {names.Target}-",
        (Situation.AllDone, _) => "the nodes are upgraded; a control plane does not go back",
        (Situation.Unknown, _) => $"look first what was done there: its packages, and /var/lib/stepper",
        (Situation.ScriptRuns, { } node) => $"nothing while the node script runs; see it: ssh {sshUser}@{node.Address} 'sudo tail -n 20 /var/lib/stepper/runs/*/log'",
        (Situation.Untouched, { Cordon: CordonOwner.Chain } node) => $"its packages are as they were: {Uncordon(node)}",
        (Situation.Untouched, _) => "nothing; its packages are as they were, and it bears no cordon of the chain",
        (_, { IsControlPlane: true }) => standing.Flight?.SnapshotPath is { } path
            ? $"a control plane does not go back. Only where its API server does not come back at all: docs/runbook.md, \"The control plane is gone\", with the snapshot {path}"
            : "a control plane does not go back, and no etcd snapshot is known",
        (Situation.InUse, { Before: null } node) => $"{node.Name} is in use at {node.Kubelet}, and nothing on it says what it ran before",
        // It takes pods again, under the kubelet that would go.
        (Situation.InUse, { } node) => $"kubectl drain {node.Name} --ignore-daemonsets --delete-emptydir-data; {Downgrade(standing.Step, node)}; kubectl uncordon {node.Name}",
        (_, { } node) => $"{Downgrade(standing.Step, node)}{(node.Cordon is CordonOwner.Chain ? $"; {Uncordon(node)}" : "")}",
        _ => "nothing is known of it",
    };

    // A kubelet that is older than the API server, by up to three minors, is within the policy.
    private string Downgrade(Step step, NodeStanding node)
    {
        var packages = string.Join(' ', node.Packages!.Keys);
        var source = node.From.Line == step.Target.Line ? "" : $"sudo sed -i s,/v{step.Target.Line}/,/v{node.From.Line}/, /etc/apt/sources.list.d/kubernetes.list && sudo apt-get update && ";
        return $"ssh {sshUser}@{node.Address} '{source}sudo apt-mark unhold {packages} && sudo apt-get install -y --allow-downgrades {string.Join(' ', node.Packages.Keys.Select(package => $"{package}={node.From}-*"))}"
            + $" && sudo apt-mark hold {packages} && sudo systemctl restart kubelet'";
    }

    // The chain's mark goes with its cordon: a person's next cordon would be taken for the chain's.
    private string Uncordon(NodeStanding node) => $"kubectl uncordon {node.Name}; kubectl annotate node {node.Name} {names.Cordoned}-";

    private static string? DoNot(Standing standing, Situation situation) => (situation, standing.Step.Phase) switch
    {
        (Situation.NotBegun, _) => null,
        (Situation.Begun, _) => null,
        (Situation.AllDone, _) => "begin another upgrade before this is looked at: what is wrong now would be taken for what was so before",
        (Situation.ScriptRuns, _) => $"start update_k8s.sh or kubeadm on {standing.Step.Node}: one is at work there, and a second one beside it breaks the node",
        (Situation.Untouched, _) => null,
        (_, PhaseName.Master) => "restore the etcd snapshot while an API server answers: all that was written since would be lost; and no other kubeadm version than the target's on this node",
        (Situation.InUse, _) => null,
        (Situation.Unknown, _) => $"uncordon {standing.Step.Node}, or run update_k8s.sh or kubeadm on it, before you know what was done there and what still runs",
        _ => $"uncordon {standing.Step.Node} as it is: its packages are changed, and it has not come back Ready with them",
    };

    private static string Step(Step step) => $"stepper --phase {step.Phase.Text()}{(step.Phase is PhaseName.Worker ? $" --node {step.Node}" : "")}";

    private static string Names(IReadOnlyList<string> nodes)
    {
        const int Most = 10;
        return nodes.Count switch
        {
            0 => "none",
            <= Most => string.Join(", ", nodes),
            _ => $"{string.Join(", ", nodes.Take(Most))} and {nodes.Count - Most} more",
        };
    }

    private enum Situation
    {
        /// <summary>A preflight that changed nothing.</summary>
        NotBegun,

        /// <summary>A preflight after the run was in flight: no node is touched yet.</summary>
        Begun,

        Untouched,
        ScriptRuns,

        /// <summary>Its packages were changed, and it is not at its end.</summary>
        Half,

        /// <summary>It is at the target and takes pods; it was what came after that failed.</summary>
        InUse,

        AllDone,
        Unknown,
    }
}
