using System.Globalization;
using Stepper.Cluster;
using Stepper.Cluster.Kubernetes;
using Stepper.Cluster.Monitoring;

namespace Stepper.StepRunner.Phases.Parts;

/// <summary>Which part of the running pods is ready: by Prometheus, and where it lacks the metric, counted over the API, which is then said.</summary>
internal sealed class PodReadiness(Prometheus prometheus, KubeApi api)
{
    private const string Query = """sum(kube_pod_status_ready{condition="true"}) / sum(kube_pod_status_phase{phase="Running"})""";

    /// <returns>From 0 to 1, and a line that says it and where it comes from.</returns>
    public async Task<(double Ratio, string Words)> RatioAsync(CancellationToken ct)
    {
        string because;
        try
        {
            if (await prometheus.QueryAsync(Query, ct) is { } known && double.IsFinite(known))
            {
                return (known, $"{known.ToString("0.00", CultureInfo.InvariantCulture)} of the running pods are ready, by Prometheus");
            }

            because = "Prometheus has no such metric";
        }
        catch (SourceException e)
        {
            because = e.Message;
        }

        var running = (await api.ListAsync(Resources.Pods, null, new KubeQuery(Fields: "status.phase=Running"), ct)).Items;
        var ready = running.Count(pod => pod.IsReady);
        var ratio = running.Count == 0 ? 0 : (double)ready / running.Count;
        return (ratio, $"{ratio.ToString("0.00", CultureInfo.InvariantCulture)} of the running pods are ready ({ready} of {running.Count}), counted over the API since {because}");
    }
}
