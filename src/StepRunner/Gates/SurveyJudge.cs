using System.Globalization;
using Stepper.Cluster.Nodes;
using Stepper.Cluster.NodeShell;
using Stepper.Cluster.Versions;

namespace Stepper.StepRunner.Gates;

/// <summary>What of a node's survey is in the way of its upgrade. Pure.</summary>
/// <param name="repository">Base address of the package source, without a slash at its end.</param>
internal sealed class SurveyJudge(KubeVersion target, string repository)
{
    /// <summary>How far a node's clock may be off: certificates, and what is told in time by the log, go wrong beyond that.</summary>
    public static readonly TimeSpan ClockMayBeOff = TimeSpan.FromSeconds(30);

    // What works on packages by itself, and comes to its end by itself.
    private static readonly string[] EndBySelf = ["apt-daily.service", "apt-daily-upgrade.service", "unattended-upgrades.service", "packagekit.service"];

    private static readonly string[] Apt = ["apt-get", "apt-cache", "apt-mark", "dpkg-query"];

    /// <param name="isAtTarget">The API shows it at the target: nothing is written there any more.</param>
    /// <param name="received">This process' own clock when the answer came.</param>
    /// <param name="ssh">How a person gets there: <c>ssh wizard@10.0.0.7</c>.</param>
    public IEnumerable<NodeProblem> Of(ClusterNode node, bool isAtTarget, NodeSurvey survey, DateTimeOffset received, string ssh) =>
        survey.MissingTools.Count > 0
            ? [.. Clock(node, survey, received, ssh), .. Tools(node, survey, ssh)]
            :
            [
                .. Clock(node, survey, received, ssh), .. Locks(node, survey, ssh), .. Holds(node, survey, ssh),
                .. isAtTarget ? [] : Packages(node, survey, ssh).Concat(Disks(node, survey, ssh)),
            ];

    private static NodeProblem Blocks(ClusterNode node, string what, string detail, string show) => new(VerdictKind.Aborts, BlockerClass.ActNow, what, node.Name, detail, show);

    private static IEnumerable<NodeProblem> Clock(ClusterNode node, NodeSurvey survey, DateTimeOffset received, string ssh)
    {
        var off = survey.Clock - received;
        if (off.Duration() > ClockMayBeOff)
        {
            yield return Blocks(
                node, $"its clock is more than {ClockMayBeOff.TotalSeconds:0} s off the one here", $"{Length(off.Duration())} {(off > TimeSpan.Zero ? "ahead" : "behind")}", $"{ssh} timedatectl");
        }
    }

    private static IEnumerable<NodeProblem> Tools(ClusterNode node, NodeSurvey survey, string ssh)
    {
        if (survey.MissingTools.Intersect(Apt, StringComparer.Ordinal).Any())
        {
            yield return Blocks(node, "it has no apt; only Debian and Ubuntu nodes can be upgraded", survey.Os, $"{ssh} cat /etc/os-release");
            yield break;
        }

        foreach (var tool in survey.MissingTools)
        {
            yield return Blocks(node, $"{tool} is not installed, and the upgrade needs it", "", $"{ssh} which {tool}");
        }
    }

    // One process may hold several; its first tells enough. A run of the node script that still goes is no stranger: its step attaches to it.
    private static IEnumerable<NodeProblem> Locks(ClusterNode node, NodeSurvey survey, string ssh)
    {
        foreach (var held in survey.Locks.Where(each => each.Holder?.Unit?.StartsWith("stepper-", StringComparison.Ordinal) != true).DistinctBy(each => each.Holder?.Pid))
        {
            var passes = held.Holder is { } holder && (EndBySelf.Contains(holder.Unit, StringComparer.Ordinal) || holder.Name.StartsWith("unattended-upgr", StringComparison.Ordinal));
            yield return new NodeProblem(
                passes ? VerdictKind.Refuses : VerdictKind.Aborts,
                passes ? BlockerClass.Wait : BlockerClass.ActNow,
                "apt or dpkg is at work",
                node.Name,
                held.Holder is { } who ? $"{who.Name}, pid {who.Pid}{(who.Unit is { } unit ? $" of {unit}" : "")}" : $"{held.File} is locked by a process that the node does not show",
                held.Holder is null ? $"{ssh} sudo fuser -v {held.File}" : $"{ssh} ps -fp {held.Holder.Pid}") { Since = held.Holder?.Since, IsLock = true };
        }
    }

    private static IEnumerable<NodeProblem> Holds(ClusterNode node, NodeSurvey survey, string ssh) =>
        survey.Packages.Where(package => !package.IsHeld).Select(package => new NodeProblem(
            VerdictKind.Warns, BlockerClass.Wait, $"{package.Name} is not held; the upgrade holds it", node.Name, "", $"{ssh} apt-mark showhold"));

    private IEnumerable<NodeProblem> Packages(ClusterNode node, NodeSurvey survey, string ssh)
    {
        foreach (var name in new[] { "kubeadm", "kubelet" }.Except(survey.Packages.Select(package => package.Name), StringComparer.Ordinal))
        {
            yield return Blocks(node, $"{name} is not installed as a package, and so apt can't upgrade it", "", $"{ssh} dpkg -l {name}");
        }

        var wanted = NodeInspection.KubernetesPackages
            .Where(name => !survey.Packages.Any(package => package.Name == name && package.Version.StartsWith($"{target}-", StringComparison.Ordinal)))
            .Except(survey.Offered, StringComparer.Ordinal).ToList();
        var index = $"{repository}/v{target.Line}/deb/Packages";
        if (wanted.Count > 0)
        {
            yield return Blocks(
                node,
                survey.RepositoryProblem is { } why ? $"it can't ask {index}: {why}" : $"there is no {string.Join(", ", wanted)} {target} at {index}",
                "",
                $"{ssh} curl -fsSL {index}");
        }
    }

    private static IEnumerable<NodeProblem> Disks(ClusterNode node, NodeSurvey survey, string ssh)
    {
        foreach (var disk in survey.Places.GroupBy(place => place.FileSystem, StringComparer.Ordinal))
        {
            var (place, paths) = (disk.First(), string.Join(' ', disk.Select(each => each.Path)));
            var need = disk.Select(each => DiskNeeds.Of(each.Use, node.IsControlPlane, survey.EtcdBytes)).Aggregate((sum, each) => sum + each);
            if (disk.FirstOrDefault(each => !each.IsWritable) is { } readOnly)
            {
                yield return Blocks(node, $"{readOnly.Path} can't be written to", $"on {readOnly.Mount}", $"{ssh} findmnt -T {readOnly.Path}");
            }

            if (place.FreeBytes < need.Bytes)
            {
                var scratch = disk.Any(each => each.Use is DiskUse.Kubernetes) && survey.ScratchBytes > 0
                    ? $"; kubeadm's old copies under /etc/kubernetes/tmp take {Size(survey.ScratchBytes)}"
                    : "";
                yield return Blocks(node, $"{place.Mount} has too little room for the upgrade", $"{Size(place.FreeBytes)} free, {Size(need.Bytes)} needed{scratch}", $"{ssh} df -h {paths}");
            }

            if (place.Inodes > 0 && place.FreeInodes < need.Files)
            {
                yield return Blocks(node, $"{place.Mount} has too few inodes for the upgrade", $"{place.FreeInodes} free, {need.Files} needed", $"{ssh} df -i {paths}");
            }
        }
    }

    private static string Size(long bytes) => bytes >= 1L << 30
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 30):0.0} GiB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / (1L << 20)} MiB");

    private static string Length(TimeSpan length) => length.TotalMinutes < 5
        ? string.Create(CultureInfo.InvariantCulture, $"{length.TotalSeconds:0} s")
        : string.Create(CultureInfo.InvariantCulture, $"{length.TotalMinutes:0} min");
}
