using Stepper.Cluster;
using Stepper.Cluster.Kubernetes;
using Stepper.Cluster.Versions;
using Stepper.StepRunner.Settings;

namespace Stepper.StepRunner.Gates.Compatibility;

/// <summary>
/// What runs in the cluster works with the target: addons, the API versions that are asked for, container runtimes, and what the control plane and the kubelets
/// are told. A refusal, sorted by what it asks of the operator; what can't be read or asked is for him to act on. See docs/compatibility.md.
/// </summary>
/// <param name="ownNamespace">stepper's own.</param>
internal sealed class CompatibilityGate(
    MatrixFile file, WorkloadReader workloads, RequestedApis requestedApis, KubeletCommandLines kubelets, KubeApi api, Wait wait, Consequence unknownAddons, string ownNamespace) : IGate
{
    private const string ApiServer = "kube-apiserver";

    /// <summary>How long it may take, whatever Prometheus and the nodes do.</summary>
    public static TimeSpan AtMost => TimeSpan.FromMinutes(10);

    public string Condition => "what runs in the cluster to work with the target";

    public string Show => "stepper gate --target X.Y.Z";

    public async Task<Verdict> CheckAsync(GateFacts facts, CancellationToken ct) => Verdict.Of((await AskAsync(facts, ct)).SelectMany(answer => answer.Findings));

    /// <summary>The same, thing by thing.</summary>
    public async Task<IReadOnlyList<CompatibilityAnswer>> AskAsync(GateFacts facts, CancellationToken ct)
    {
        if (file.Matrix is not { } matrix)
        {
            return [new CompatibilityAnswer("compatibility matrix", "not read", Finding.RefusesUntilActed(
                $"the compatibility matrix can't be read: {string.Join("; ", file.Problems)}", $"kubectl -n {ownNamespace} get configmap k8s-upgrade-compat -o yaml"))];
        }

        try
        {
            return await wait.WithinAsync(
                AtMost, limit => AskAsync(matrix, facts, limit), late => new SourceException($"not all was answered within {AtMost.TotalMinutes:0} min", late), ct);
        }
        catch (SourceException e)
        {
            return [CanNotTell("all that runs", e.Message, Show)];
        }
    }

    private async Task<IReadOnlyList<CompatibilityAnswer>> AskAsync(CompatibilityMatrix matrix, GateFacts facts, CancellationToken ct)
    {
        var target = facts.Step.Target.Line;
        List<CompatibilityAnswer> answers = [];
        if (await StepOfServersAsync(facts, answers) is { IsCrossing: true } step)
        {
            answers.AddRange(await AddonsAsync(matrix, target, ct));
            answers.Add(await OrCanNotTellAsync("removed APIs", () => requestedApis.AskAsync(matrix.Removed.Apis, step, Servers(facts), ct)));
            answers.Add(await OrCanNotTellAsync("control-plane flags", () => Task.FromResult(ControlPlaneFlags.Of(matrix.Removed, facts.ControlPlane, target))));
        }

        var oldest = facts.Nodes.Min(node => node.Kubelet.Line);
        if (oldest < target)
        {
            answers.Add(await OrCanNotTellAsync("kubelets", () => KubeletsAsync(matrix.Removed, facts, new MinorStep(oldest, target), ct)));
        }

        answers.Add(RuntimeFloors.Of(matrix.Runtimes, facts.Nodes, target));
        return answers;
    }

    // From the oldest API server on: where all are at the target's minor, what works with them was asked before they went there.
    private async Task<MinorStep?> StepOfServersAsync(GateFacts facts, List<CompatibilityAnswer> answers)
    {
        MinorStep? step = null;
        var answer = await OrCanNotTellAsync("API servers", () =>
        {
            var running = facts.ControlPlane.Where(pod => pod.Component == ApiServer).Select(pod => pod.Release!.Value.Line).ToList();
            step = running.Count == 0
                ? throw new SourceException("no static pod of an API server was found in kube-system")
                : new MinorStep(running.Min(), facts.Step.Target.Line);
            return Task.FromResult(new CompatibilityAnswer("API servers", $"{step.From}"));
        });
        answers.AddRange(answer.Findings.Count > 0 ? [answer] : []);
        return step;
    }

    private async Task<IReadOnlyList<CompatibilityAnswer>> AddonsAsync(CompatibilityMatrix matrix, MinorVersion target, CancellationToken ct)
    {
        try
        {
            var running = await workloads.ListAsync(ct);
            return
            [
                .. AddonJudge.Of(matrix.Addons, running, target),
                UnknownAddons.Of(matrix.Addons, running, await workloads.PowerfulAsync(ct), ownNamespace, unknownAddons),
            ];
        }
        catch (SourceException e)
        {
            return [CanNotTell("addons", e.Message, Show)];
        }
    }

    private async Task<CompatibilityAnswer> KubeletsAsync(Removals removed, GateFacts facts, MinorStep step, CancellationToken ct)
    {
        var configuration = await api.FindAsync(Resources.ConfigMaps, KubeletConfiguration.Namespace, KubeletConfiguration.Name, ct);
        return new CompatibilityAnswer(
            "kubelets",
            $"{facts.Nodes.Count} nodes",
            [
                .. KubeletConfiguration.Of(removed, configuration?.Data.GetValueOrDefault(KubeletConfiguration.Key), step),
                .. await kubelets.AskAsync(removed, facts.Nodes, step.To, ct),
            ]);
    }

    private static int Servers(GateFacts facts) => facts.ControlPlane.Count(pod => pod.Component == ApiServer);

    private async Task<CompatibilityAnswer> OrCanNotTellAsync(string what, Func<Task<CompatibilityAnswer>> ask)
    {
        try
        {
            return await ask();
        }
        catch (SourceException e)
        {
            return CanNotTell(what, e.Message, Show);
        }
    }

    private static CompatibilityAnswer CanNotTell(string what, string why, string show) =>
        new(what, "not known", Finding.RefusesUntilActed($"{what}: whether this works with the target can't be told: {why}", show));
}
