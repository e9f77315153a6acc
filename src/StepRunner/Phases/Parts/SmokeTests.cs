using Stepper.Cluster;
using Stepper.Cluster.Kubernetes;
using Stepper.Cluster.Kubernetes.Objects;
using Stepper.Cluster.Workloads;

namespace Stepper.StepRunner.Phases.Parts;

/// <summary>The cluster's own vital signs at the end: the API server, the cluster's DNS from this pod, and the control-plane and DNS pods that the cluster has.</summary>
/// <param name="network">Resolves names as this pod does.</param>
/// <param name="inPod">Outside a pod the cluster's DNS can't be asked, and is not.</param>
internal sealed class SmokeTests(KubeApi api, HttpClient network, bool inPod, Wait wait, Action<string> say)
{
    // Longer than a resolver goes through its servers and search domains.
    private static readonly TimeSpan AnsweredWithin = TimeSpan.FromSeconds(60);
    private static readonly Uri ByName = new("https://kubernetes.default.svc/livez");

    /// <exception cref="AbortException">With all that failed.</exception>
    public async Task MustPassAsync(CancellationToken ct)
    {
        string?[] failed = [await api.ProbeAsync("readyz", ct), await api.ProbeAsync("livez", ct), await DnsAsync(ct), await SystemPodsAsync(ct)];
        if (failed.OfType<string>().ToList() is { Count: > 0 } all)
        {
            throw new AbortException($"Smoke tests failed: {string.Join("; ", all)}");
        }
    }

    // Whatever answers under that name, the name was resolved; only that is asked here.
    private async Task<string?> DnsAsync(CancellationToken ct)
    {
        if (!inPod)
        {
            say("the cluster's DNS is not asked: this is no pod");
            return null;
        }

        try
        {
            using var limit = new CancellationTokenSource(AnsweredWithin, wait.Time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
            using var answer = await network.GetAsync(ByName, both.Token);
            return null;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return $"nothing answered under the name {ByName.Host} within {AnsweredWithin.TotalSeconds:0} s";
        }
        catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.NameResolutionError)
        {
            return $"the name {ByName.Host} was not resolved: {e.Message}";
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private async Task<string?> SystemPodsAsync(CancellationToken ct)
    {
        var pods = (await api.ListAsync(Resources.Pods, "kube-system", KubeQuery.All, ct)).Items.Where(IsVital).ToList();
        var bad = pods.Where(pod => !pod.IsReady && !pod.IsFinished && pod.Metadata.DeletionTimestamp is null).Select(pod => $"{pod.Metadata.Name} is {pod.Status.Phase} and not Ready").ToList();
        return pods.Count == 0 ? "no control-plane or DNS pod was found in kube-system" : bad.Count == 0 ? null : string.Join(", ", bad);
    }

    // Under the same tier others put what is theirs.
    private static bool IsVital(Pod pod) => ControlPlanePod.Is(pod) || pod.Metadata.Labels.GetValueOrDefault("k8s-app") is "kube-dns" or "coredns";
}
