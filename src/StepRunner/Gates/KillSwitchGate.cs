using Stepper.Cluster.Kubernetes;

namespace Stepper.StepRunner.Gates;

/// <summary>Someone pulled the brake: the ConfigMap is there. Stopping is then the right end, so it refuses; that it can't be read is never "off".</summary>
internal sealed class KillSwitchGate(KubeApi api, string ns) : IGate
{
    public const string Name = "k8s-upgrade-killswitch";

    public string Condition => "the kill switch to be off";

    public string Show => $"kubectl -n {ns} get configmap {Name} -o yaml";

    public async Task<Verdict> CheckAsync(GateFacts facts, CancellationToken ct) => await CheckAsync(ct);

    /// <summary>Needs no facts: asked before all else, in every phase.</summary>
    public async Task<Verdict> CheckAsync(CancellationToken ct) =>
        await api.FindAsync(Resources.ConfigMaps, ns, Name, ct) is { } brake
            ? Verdict.Of(Finding.RefusesAsDecided(
                $"the kill switch is on ({brake.Data.GetValueOrDefault("reason", "no reason given")}); to go on: kubectl -n {ns} delete configmap {Name}", Show, brake.Metadata.CreationTimestamp))
            : Verdict.Holds;
}
