using System.Text.RegularExpressions;
using Stepper.Simulation;
using Stepper.Simulation.Api;

namespace Stepper.EndToEnd.Tests;

/// <summary>What an operator sees of a cluster at a moment: in the API, on the machines, in Slack and in Pushgateway.</summary>
/// <param name="Nodes">As <c>kubectl get nodes</c> has them: name, version, Ready or not, and whether it is cordoned.</param>
/// <param name="Packages">Of each machine: what is installed, and whether it is held.</param>
/// <param name="Jobs">The Jobs of the chain: name, Complete or Failed, and the outcome that the step wrote.</param>
/// <param name="Exits">Phase, node and exit code of each container, in the order in which they ended.</param>
/// <param name="Messages">The texts that Slack got.</param>
/// <param name="Gauges">Of the run, by name without <c>k8s_upgrade_</c>; those with further labels left out.</param>
internal sealed partial record Sight(
    IReadOnlyList<string> Nodes, IReadOnlyList<string> Packages, IReadOnlyList<string> Jobs, IReadOnlyList<string> Exits, IReadOnlyList<string> Messages, IReadOnlyDictionary<string, string> Gauges)
{
    public static async Task<Sight> OfAsync(UpgradedCluster cluster) => new(
        cluster.Look(NodesOf),
        await Task.WhenAll(cluster.Lab.Names.Select(node => PackagesOfAsync(cluster.Lab, node))),
        cluster.Look(JobsOf),
        [.. cluster.Containers.Select(container => $"{container.Title} {container.ExitCode}")],
        cluster.Slack,
        (await cluster.Monitoring.PushedAsync()).Select(line => Gauge().Match(line)).Where(match => match.Success)
            .ToDictionary(match => match.Groups["name"].Value, match => match.Groups["value"].Value, StringComparer.Ordinal));

    /// <summary>The end of a run, and the last word on it.</summary>
    public void ShouldBeComplete(string release, string story)
    {
        Nodes.ShouldAllBe(node => node.EndsWith($" v{release} Ready", StringComparison.Ordinal), story);
        Packages.ShouldAllBe(machine => machine.EndsWith($": {AllAt(release)}", StringComparison.Ordinal), story);
        Messages[^1].ShouldStartWith("[k8s-upgrade-postflight] :white_check_mark: K8s upgrade complete", customMessage: story);
        Gauges["in_flight"].ShouldBe("0", story);
    }

    /// <summary>The packages of a machine, all at one release and held.</summary>
    public static string AllAt(string release) => $"kubeadm {release}-1.1 held, kubectl {release}-1.1 held, kubelet {release}-1.1 held";

    private static IReadOnlyList<string> NodesOf(SimulatedCluster cluster) => [.. cluster.Store.List(Kinds.Node).Select(node =>
        $"{node.Name()} {node.Text("status", "nodeInfo", "kubeletVersion")} {(node.HasCondition("Ready") ? "Ready" : "NotReady")}{(node.Flag("spec", "unschedulable") ? ",SchedulingDisabled" : "")}")];

    private static IReadOnlyList<string> JobsOf(SimulatedCluster cluster) => [.. cluster.Store.List(Kinds.Job, UpgradedCluster.Namespace)
        .Where(job => job.Labels().GetValueOrDefault("app") == "k8s-upgrade-chain")
        .Select(job => $"{job.Name()} {(job.HasCondition("Complete") ? "Complete" : job.HasCondition("Failed") ? "Failed" : "active")} {job.Annotation("viktorbarzin.me/k8s-upgrade-outcome")}".TrimEnd())
        .Order(StringComparer.Ordinal)];

    // From outside: a machine that is off has them too.
    private static async Task<string> PackagesOfAsync(NodeLab lab, string node)
    {
        var installed = await RunningProgram.RunAsync(
            "dpkg-query", "--admindir", lab.PathOn(node, "/var/lib/dpkg"), "--show", "--showformat", "${Package} ${Version} ${Status}\n", "kubeadm", "kubectl", "kubelet");
        return $"{node}: {string.Join(", ", installed.Split('\n').Select(line => line.Replace(" hold ok installed", " held", StringComparison.Ordinal)))}";
    }

    [GeneratedRegex("""^k8s_upgrade_(?<name>[a-z_]+)\{instance="",job="k8s-version-upgrade"\} (?<value>\S+)$""", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Gauge();
}
