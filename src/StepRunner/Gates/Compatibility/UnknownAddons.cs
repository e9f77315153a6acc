using Stepper.Cluster.Workloads;
using Stepper.StepRunner.Settings;

namespace Stepper.StepRunner.Gates.Compatibility;

/// <summary>
/// What runs, is an addon, and is not in the matrix. An addon is what the cluster leans on, or what works on the cluster: it runs in kube-system, has the
/// priority of system components, or its service account has rights in the whole cluster. An ordinary application is none of these. Pure.
/// </summary>
internal static class UnknownAddons
{
    private const int NamedAtMost = 20;
    private const string SystemNamespace = "kube-system";

    // What kubeadm itself brings, upgrades and checks.
    private static readonly string[] Kubeadms = ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy", "etcd", "coredns", "pause"];

    /// <param name="powerful">Service accounts with rights in the whole cluster.</param>
    /// <param name="ownNamespace">stepper's own.</param>
    public static CompatibilityAnswer Of(
        IReadOnlyList<KnownAddon> known, IReadOnlyList<Workload> workloads, IReadOnlySet<string> powerful, string ownNamespace, Consequence consequence)
    {
        var unknown = workloads
            .Where(workload => workload.Namespace != ownNamespace && IsAddon(workload, powerful) && !IsKubeadms(workload) && !AddonJudge.Knows(known, workload))
            .Select(workload => $"{workload.Where} ({workload.ImageNames.Split(' ')[0]})").Distinct(StringComparer.Ordinal).ToList();
        return unknown.Count == 0
            ? new CompatibilityAnswer("unknown addons", "none")
            : new CompatibilityAnswer("unknown addons", $"{unknown.Count}", Found(unknown, consequence));
    }

    private static Finding Found(List<string> unknown, Consequence consequence)
    {
        var text = $"whether these addons work with the target is not known, since the compatibility matrix does not have them: {string.Join(", ", unknown.Take(NamedAtMost))}"
            + (unknown.Count > NamedAtMost ? $" and {unknown.Count - NamedAtMost} more" : "");
        const string Show = "kubectl get pods -A -o wide";
        return consequence is Consequence.Abort
            ? Finding.RefusesUntilActed($"{text}; write them into it with what they support, or set unknownAddons: warn", Show)
            : Finding.Warns(text, Show);
    }

    private static bool IsAddon(Workload workload, IReadOnlySet<string> powerful) =>
        workload.Namespace == SystemNamespace || workload.IsCritical || powerful.Contains(workload.Account) || powerful.Contains(workload.Namespace + "/");

    private static bool IsKubeadms(Workload workload) => workload.Namespace == SystemNamespace && workload.Images.All(IsKubeadms);

    private static bool IsKubeadms(ImageName image) => Kubeadms.Any(image.IsOf);
}
