using System.Text.RegularExpressions;
using Stepper.Cluster.Kubernetes;
using Stepper.Cluster.Kubernetes.Objects;
using Stepper.Cluster.Workloads;

namespace Stepper.StepRunner.Gates.Compatibility;

/// <summary>What the pods of one owner run; those that run the same are one.</summary>
/// <param name="Name">The owner's; without one the pod's own.</param>
/// <param name="Account">The service account, as <c>namespace/name</c>.</param>
/// <param name="IsCritical">Its priority is that of what the cluster itself, or a node, can't do without.</param>
/// <param name="ImageNames">Its images, those of init containers too, with a space between each two: no image has one.</param>
internal sealed partial record Workload(string Namespace, string Name, string Account, bool IsCritical, string ImageNames)
{
    public IEnumerable<ImageName> Images => ImageNames.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(ImageName.Read);

    public string Where => $"{Namespace}/{Name}";

    public static Workload Of(ImagePod pod) => new(
        pod.Metadata.Namespace ?? "",
        OwnerOf(pod.Metadata),
        $"{pod.Metadata.Namespace}/{pod.Spec.ServiceAccountName}",
        pod.Spec.PriorityClassName is "system-cluster-critical" or "system-node-critical",
        string.Join(' ', pod.Spec.Containers.Concat(pod.Spec.InitContainers).Select(container => container.Image)));

    // Of a ReplicaSet the Deployment's and of a Job the CronJob's, as far as its name tells: each change of its template makes another one, and each run.
    private static string OwnerOf(ObjectMeta pod)
    {
        var owner = pod.Controller;
        var suffix = "-" + pod.Labels.GetValueOrDefault("pod-template-hash");
        return owner switch
        {
            null or { Kind: "Node" } => pod.Name,
            { Kind: "ReplicaSet" } when owner.Name.EndsWith(suffix, StringComparison.Ordinal) => owner.Name[..^suffix.Length],
            { Kind: "Job" } => Scheduled().Replace(owner.Name, ""),
            _ => owner.Name,
        };
    }

    // A CronJob names its Jobs for when they were due, in minutes since 1970; before Kubernetes 1.21 in seconds.
    [GeneratedRegex(@"-[0-9]{8,10}\z", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Scheduled();
}

/// <summary>All that runs in the cluster, and who may work on the whole of it.</summary>
internal sealed class WorkloadReader(KubeApi api)
{
    private const string GroupOfNamespace = "system:serviceaccounts:";

    /// <summary>Page by page, of which only a line for each owner is kept.</summary>
    public async Task<IReadOnlyList<Workload>> ListAsync(CancellationToken ct)
    {
        var (all, _) = await api.GatherAsync(Resources.ImagePods, null, KubeQuery.All, () => new HashSet<Workload>(), Add, ct);
        return [.. all.OrderBy(workload => workload.Where, StringComparer.Ordinal).ThenBy(workload => workload.ImageNames, StringComparer.Ordinal)];
    }

    /// <summary>The service accounts that have rights in the whole cluster: <c>namespace/name</c>, or <c>namespace/</c> for all of a namespace.</summary>
    public async Task<IReadOnlySet<string>> PowerfulAsync(CancellationToken ct)
    {
        var bindings = await api.ListAsync(Resources.ClusterRoleBindings, null, KubeQuery.All, ct);
        return bindings.Items.SelectMany(binding => binding.Subjects).Select(subject => subject switch
        {
            { Kind: "ServiceAccount" } => $"{subject.Namespace}/{subject.Name}",
            { Kind: "Group" } when subject.Name.StartsWith(GroupOfNamespace, StringComparison.Ordinal) => subject.Name[GroupOfNamespace.Length..] + "/",
            _ => "",
        }).ToHashSet(StringComparer.Ordinal);
    }

    private static void Add(HashSet<Workload> all, ImagePod pod)
    {
        if (pod.Status.Phase is not ("Succeeded" or "Failed"))
        {
            all.Add(Workload.Of(pod));
        }
    }
}
