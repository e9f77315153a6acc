using System.Globalization;
using System.Text.Json.Nodes;
using Stepper.Cluster;
using Stepper.Cluster.Kubernetes;
using Stepper.Cluster.Kubernetes.Objects;
using Stepper.StepRunner.Settings;

namespace Stepper.StepRunner.State;

/// <summary>
/// The Deployments that stand still while kubeadm works. How many replicas each had is written on it in the same write that takes them away, and only where
/// nothing is written yet: whoever comes next gives back that number, not the 0 that he finds.
/// </summary>
internal sealed class Quiesced(KubeApi api, IReadOnlyList<ObjectName> workloads, Annotations names, Action<string> say)
{
    /// <summary>Sets all of them to 0 replicas. One that is not there is said and left out.</summary>
    public async Task TakeAsync(CancellationToken ct)
    {
        foreach (var workload in workloads)
        {
            if (await FindAsync(workload, ct) is not { } found)
            {
                say($"Deployment {workload} of setting quiesce is not there; nothing to quiesce");
                continue;
            }

            if (!found.Metadata.Annotations.ContainsKey(names.Replicas))
            {
                await SetAsync(workload, found, replicas: 0, remembered: found.Spec.Replicas.ToString(CultureInfo.InvariantCulture), ct);
                say($"Deployment {workload} quiesced: {found.Spec.Replicas} replicas to 0");
            }
        }
    }

    /// <summary>Gives each of them back the replicas that are written on it. Safe to repeat.</summary>
    public async Task GiveBackAsync(CancellationToken ct)
    {
        foreach (var workload in workloads)
        {
            if (await FindAsync(workload, ct) is not { } found || !found.Metadata.Annotations.TryGetValue(names.Replicas, out var text))
            {
                continue;
            }

            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var replicas))
            {
                throw new SourceException($"Deployment {workload} has {names.Replicas}=\"{text}\", which is no number of replicas; scale it yourself and take the annotation away");
            }

            await SetAsync(workload, found, replicas, remembered: null, ct);
            say($"Deployment {workload} given back its {replicas} replicas");
        }
    }

    /// <summary>Those that still stand still.</summary>
    public async Task<IReadOnlyList<ObjectName>> LeftAsync(CancellationToken ct)
    {
        var left = new List<ObjectName>();
        foreach (var workload in workloads)
        {
            if (await FindAsync(workload, ct) is { } found && found.Metadata.Annotations.ContainsKey(names.Replicas))
            {
                left.Add(workload);
            }
        }

        return left;
    }

    private Task<ReplicatedWorkload?> FindAsync(ObjectName workload, CancellationToken ct) =>
        api.FindAsync(Resources.Deployments, workload.Namespace, workload.Name, ct);

    private Task<ReplicatedWorkload> SetAsync(ObjectName workload, ReplicatedWorkload seen, int replicas, string? remembered, CancellationToken ct) => api.MergeAsync(
        Resources.Deployments,
        workload.Namespace,
        workload.Name,
        new JsonObject
        {
            ["metadata"] = new JsonObject { ["resourceVersion"] = seen.Metadata.ResourceVersion, ["annotations"] = new JsonObject { [names.Replicas] = remembered } },
            ["spec"] = new JsonObject { ["replicas"] = replicas },
        },
        ct);
}
