using System.Globalization;
using Stepper.Cluster.Nodes;
using Stepper.StepRunner.Drain.Forecast;
using Stepper.StepRunner.State;

namespace Stepper.StepRunner.Phases.Parts;

/// <summary>What a run that ended well came to, as one message.</summary>
internal sealed class RunSummary(Annotations names, StepMarks marks, NotReadyPods notReady)
{
    /// <param name="before">Whose pods were not ready before the run; null when that is not known.</param>
    public async Task<string> OfAsync(Step step, IReadOnlyList<ClusterNode> nodes, string readiness, IReadOnlyList<string>? before, CancellationToken ct)
    {
        var lines = nodes.Select(node => $"{node.Name} {Before(node)}{node.Kubelet}{Took(node, step.Run)}");
        return $":white_check_mark: K8s upgrade complete: {step.Target}. {string.Join(", ", lines)}. {readiness}. {Forecast(nodes, step.Run)}{await WorseAsync(before, ct)}";
    }

    // Empty where no drain of the run was forecast.
    private string Forecast(IReadOnlyList<ClusterNode> nodes, Run run) =>
        ForecastTally.Sum(nodes.Select(node => ForecastTally.Read(node.Annotation(names.Forecast), $"{run}")).OfType<ForecastTally>()) is { } sum ? $"Drain forecast: {sum.InWords()}. " : "";

    private async Task<string> WorseAsync(IReadOnlyList<string>? before, CancellationToken ct)
    {
        if (before is null)
        {
            return "What was not ready before the run is not known";
        }

        var worse = (await notReady.OwnersAsync(ct)).Except(before, StringComparer.Ordinal).ToList();
        return worse.Count == 0 ? "Nothing is worse than before the run" : $"Not ready now, and ready before the run: {string.Join(", ", worse)}";
    }

    // A node that no step has touched, such as one that joined at the target, has nothing before.
    private string Before(ClusterNode node) => node.Annotation(names.From) is { } from ? $"{from} to " : "";

    // From the cordon to the uncordon. By the node and not by its Job, which is not yet complete when the step that it begins looks.
    private string Took(ClusterNode node, Run run) =>
        marks.Took(node, run) is { } took ? string.Create(CultureInfo.InvariantCulture, $" ({took.TotalMinutes:0.#} min)") : "";
}
