using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Stepper.Cluster.NodeShell;
using Stepper.Cluster.Versions;
using Stepper.Simulation;

namespace Stepper.Scenarios.Tests.Kills;

/// <summary>Steppers that break one rule each: what stands between the program and its seams makes it do the wrong thing.</summary>
internal static class BrokenRules
{
    /// <summary>Each pod makes the Job of the next step under a name of its own, and sees none that an earlier try has made.</summary>
    public static Task<int> SpawnsUnderAnyName(ShortChain chain, PodProcess process, PodProgram program) =>
        program(process with { Network = new OtherNames(process) });

    /// <summary>A node script is always started, also beside one that runs.</summary>
    public static Task<int> NeverAttaches(ShortChain chain, PodProcess process, PodProgram program) =>
        program(process with { Shell = new ShellThatNeverAttaches(process.Shell, chain.Cluster) });

    /// <summary>Only the try that has taken a Deployment gives it back; nobody who comes after it does.</summary>
    public static Task<int> LeavesGiveBackOut(ShortChain chain, PodProcess process, PodProgram program)
    {
        var pods = chain.Cluster.Store.List(Simulation.Api.Kinds.Pod, ShortChain.Namespace);
        var isFirstTry = !pods.Any(pod => pod.Name() != process.Name && pod.Name().StartsWith(OtherNames.JobOf(process), StringComparison.Ordinal));
        return program(isFirstTry && process.Environment["PHASE"] == "master" ? process : process with { Network = new GiveBackLost(process.Network) });
    }
}

/// <summary>Puts other names in the place of chain Jobs' names, in addresses and bodies, so that the program does not notice.</summary>
internal sealed partial class OtherNames(PodProcess process) : DelegatingHandler(process.Network)
{
    private readonly string _suffix = process.Name[^5..];

    private string Job => JobOf(process);

    // As the program knows it.
    private string OwnName => $"k8s-upgrade-{process.Environment["PHASE"]}-1-34-7{(process.Environment["PHASE"] == "worker" ? $"-{process.Environment["TARGET_NODE"]}" : "")}";

    /// <summary>The name of a pod's Job: without what the Job controller put behind it.</summary>
    public static string JobOf(PodProcess process) => process.Name[..^6];

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.RequestUri = new Uri(Renamed(request.RequestUri!.OriginalString));
        if (request.Content is { } content && request.RequestUri.AbsolutePath.EndsWith("/jobs", StringComparison.Ordinal))
        {
            request.Content = new StringContent(Renamed(await content.ReadAsStringAsync(cancellationToken)), Encoding.UTF8, "application/json");
        }

        var answer = await base.SendAsync(request, cancellationToken);
        if (request.Method == HttpMethod.Get && request.RequestUri.Query.Contains("k8s-upgrade-chain", StringComparison.Ordinal) && request.RequestUri.AbsolutePath.EndsWith("/jobs", StringComparison.Ordinal))
        {
            answer.Content = new StringContent(WithoutLater(JsonNode.Parse(await answer.Content.ReadAsStringAsync(cancellationToken))!.AsObject()));
        }

        return answer;
    }

    private string Renamed(string text) => JobName().Replace(text, name => Job.StartsWith(name.Value, StringComparison.Ordinal) ? Job : $"{name.Value}-{_suffix}");

    private string WithoutLater(JsonObject list)
    {
        var items = list["items"]!.AsArray();
        var own = items.FirstOrDefault(item => item.Text("metadata", "name") == Job);
        foreach (var later in items.Where(item => item.Time("metadata", "creationTimestamp") > own?.Time("metadata", "creationTimestamp")).ToList())
        {
            items.Remove(later);
        }

        own?["metadata"]!["name"] = OwnName;

        return list.ToJsonString();
    }

    [GeneratedRegex("k8s-upgrade-(preflight|master|postflight|worker)-1-34-7(-k8s-node[0-9])?(?![a-z0-9-])", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex JobName();
}

/// <summary>Loses the write that gives a quiesced Deployment back: it is answered, and nothing happens.</summary>
internal sealed class GiveBackLost(HttpMessageHandler network) : DelegatingHandler(network)
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Method != HttpMethod.Patch || !(await request.Content!.ReadAsStringAsync(cancellationToken)).Contains("\"viktorbarzin.me/k8s-upgrade-replicas\":null", StringComparison.Ordinal))
        {
            return await base.SendAsync(request, cancellationToken);
        }

        using var asked = new HttpRequestMessage(HttpMethod.Get, request.RequestUri);
        return await base.SendAsync(asked, cancellationToken);
    }
}

/// <summary>Starts the node script past the lock on the node.</summary>
internal sealed class ShellThatNeverAttaches(INodeShell shell, SimulatedCluster cluster) : INodeShell
{
    public async Task<ScriptRun> StartScriptAsync(NodeTarget node, NodeScript script, CancellationToken ct)
    {
        await shell.InspectAsync(node, ct);
        var run = cluster.StartScriptByHand(node.Name, script);
        return new ScriptRun(run.Id, script.Release, run.State, run.ExitCode);
    }

    public Task<IReadOnlyList<KubeVersion>> AvailableKubeadmAsync(NodeTarget node, CancellationToken ct) => shell.AvailableKubeadmAsync(node, ct);

    public Task<NodeInspection> InspectAsync(NodeTarget node, CancellationToken ct) => shell.InspectAsync(node, ct);

    public Task<NodeSurvey> SurveyAsync(NodeTarget node, KubeVersion target, string repository, CancellationToken ct) => shell.SurveyAsync(node, target, repository, ct);

    public Task<KubeletFlags> KubeletFlagsAsync(NodeTarget node, CancellationToken ct) => shell.KubeletFlagsAsync(node, ct);

    public Task<CommandResult> KubeadmPlanAsync(NodeTarget node, KubeVersion target, IReadOnlyList<string> ignored, CancellationToken ct) => shell.KubeadmPlanAsync(node, target, ignored, ct);

    public Task<CommandResult> KubeadmDiffAsync(NodeTarget node, KubeVersion target, CancellationToken ct) => shell.KubeadmDiffAsync(node, target, ct);

    public Task PruneKubeadmScratchAsync(NodeTarget node, TimeSpan olderThan, CancellationToken ct) => shell.PruneKubeadmScratchAsync(node, olderThan, ct);

    public Task UseReleaseLineAsync(NodeTarget node, MinorVersion line, string repository, CancellationToken ct) => shell.UseReleaseLineAsync(node, line, repository, ct);

    public Task<CommandResult> FetchAheadAsync(NodeTarget node, KubeVersion target, CancellationToken ct) => shell.FetchAheadAsync(node, target, ct);

    public Task<ScriptProgress> FollowScriptAsync(NodeTarget node, ScriptRun run, long fromByte, CancellationToken ct) => shell.FollowScriptAsync(node, run, fromByte, ct);

    public Task<CommandResult> RunHookAsync(NodeTarget node, string script, CancellationToken ct) => shell.RunHookAsync(node, script, ct);

    public Task<EtcdReport> EtcdAsync(NodeTarget node, CancellationToken ct) => shell.EtcdAsync(node, ct);

    public Task<SavedEtcd> SaveEtcdAsync(NodeTarget node, string name, TimeSpan reuse, CancellationToken ct) => shell.SaveEtcdAsync(node, name, reuse, ct);
}
