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
            while (!await TryTakeAsync(workload, ct))
            {
                // Changed since it was read, if only by its controller that writes its status: look again.
            }
        }
    }

    /// <summary>Gives each of them back the replicas that are written on it. Safe to repeat.</summary>
    public async Task GiveBackAsync(CancellationToken ct)
    {
        foreach (var workload in workloads)
        {
            while (!await TryGiveBackAsync(workload, ct))
            {
                // As above.
            }
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

    private async Task<bool> TryTakeAsync(ObjectName workload, CancellationToken ct)
    {
        if (await FindAsync(workload, ct) is not { } found)
        {
            say($"Deployment {workload} of setting quiesce is not there; nothing to quiesce");
            return true;
        }

        var remembered = found.Metadata.Annotations.GetValueOrDefault(names.Replicas);
        if (remembered is not null && found.Spec.Replicas == 0)
        {
            return true;
        }

        // Scaled up by somebody while it is to stand still: the number that is written stays the one to give back.
        if (!await TrySetAsync(workload, found, replicas: 0, remembered ?? found.Spec.Replicas.ToString(CultureInfo.InvariantCulture), ct))
        {
            return false;
        }

        say($"Deployment {workload} quiesced: {found.Spec.Replicas} replicas to 0");
        return true;
    }

    private async Task<bool> TryGiveBackAsync(ObjectName workload, CancellationToken ct)
    {
        if (await FindAsync(workload, ct) is not { } found || !found.Metadata.Annotations.TryGetValue(names.Replicas, out var text))
        {
            return true;
        }

        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var replicas))
        {
            throw new SourceException($"Deployment {workload} has {names.Replicas}=\"{text}\", which is no number of replicas; scale it yourself and take the annotation away");
        }

        if (!await TrySetAsync(workload, found, replicas, remembered: null, ct))
        {
            return false;
        }

        say($"Deployment {workload} given back its {replicas} replicas");
        return true;
    }

    private Task<ReplicatedWorkload?> FindAsync(ObjectName workload, CancellationToken ct) =>
        api.FindAsync(Resources.Deployments, workload.Namespace, workload.Name, ct);

    // False when it has changed since it was seen.
    private async Task<bool> TrySetAsync(ObjectName workload, ReplicatedWorkload seen, int replicas, string? remembered, CancellationToken ct)
    {
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject { ["resourceVersion"] = seen.Metadata.ResourceVersion, ["annotations"] = new JsonObject { [names.Replicas] = remembered } },
            ["spec"] = new JsonObject { ["replicas"] = replicas },
        };
        try
        {
            await api.MergeAsync(Resources.Deployments, workload.Namespace, workload.Name, patch, ct);
            return true;
        }
        catch (KubeRefusedException e) when (e.IsConflict)
        {
            return false;
        }
    }
}
