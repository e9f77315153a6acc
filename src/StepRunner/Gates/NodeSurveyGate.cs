using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Stepper.Cluster;
using Stepper.Cluster.Nodes;
using Stepper.Cluster.NodeShell;
using SshSettings = Stepper.StepRunner.Settings.SshSettings;

namespace Stepper.StepRunner.Gates;

/// <summary>
/// Every node can be reached over ssh as root, and is fit for its upgrade: clock, locks, packages, room on its disks. All nodes are asked, many at a time, and
/// all that is wrong on any of them is told at once. What can't be asked, or can't be read, is never fine.
/// </summary>
internal sealed class NodeSurveyGate(INodeShell shell, SshSettings ssh, string repository, Wait wait) : IGate
{
    private const int AtOnce = 32;

    // A connection may be lost once.
    private static readonly TimeSpan BeforeSecondTry = TimeSpan.FromSeconds(5);

    // Package lists are refreshed by each node every day: of many nodes, one is always at it. The node script waits as long.
    private static readonly TimeSpan LocksAreWaitedFor = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(30);

    /// <summary>How long it may take, whatever the nodes do.</summary>
    public static TimeSpan AtMost => TimeSpan.FromMinutes(20);

    public string Condition => "every node to be fit for the upgrade, asked over ssh";

    public string Show => $"ssh {ssh.User}@<node> sudo -n true";

    public async Task<Verdict> CheckAsync(GateFacts facts, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(AtMost, wait.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        var seen = new ConcurrentDictionary<string, Seen>(StringComparer.Ordinal);
        try
        {
            await LookAsync(facts, facts.Nodes, seen, both.Token);
            await LookAgainAsync(facts, seen, both.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            // What was not seen in time is told as that.
        }

        return Verdict.Of(NodeProblem.Findings(facts.Nodes.SelectMany(node => seen.GetValueOrDefault(node.Name)?.Problems ?? [NotSeen(node)])));
    }

    private async Task LookAgainAsync(GateFacts facts, ConcurrentDictionary<string, Seen> seen, CancellationToken ct)
    {
        var lost = facts.Nodes.Where(node => seen[node.Name].IsLost).ToList();
        if (lost.Count > 0)
        {
            await wait.ForAsync(BeforeSecondTry, ct);
            await LookAsync(facts, lost, seen, ct);
        }

        // Not where somebody must act anyway: he is told at once.
        var giveUp = wait.Now + LocksAreWaitedFor;
        while (wait.Now < giveUp && seen.Values.SelectMany(each => each.Problems).Where(problem => problem.Blocks).ToList() is { Count: > 0 } blocking && blocking.TrueForAll(problem => problem.IsLock))
        {
            await wait.ForAsync(BetweenLooks, ct);
            await LookAsync(facts, [.. facts.Nodes.Where(node => blocking.Exists(problem => problem.Node == node.Name))], seen, ct);
        }
    }

    private Task LookAsync(GateFacts facts, IReadOnlyList<ClusterNode> nodes, ConcurrentDictionary<string, Seen> seen, CancellationToken ct) =>
        Bounded.SelectAsync(nodes, AtOnce, async node => seen[node.Name] = await LookAsync(facts, node, ct));

    private async Task<Seen> LookAsync(GateFacts facts, ClusterNode node, CancellationToken ct)
    {
        try
        {
            var survey = await shell.SurveyAsync(node.Target, facts.Step.Target, repository, ct);
            return new Seen([.. new SurveyJudge(facts.Step.Target, repository).Of(node, facts.IsAtTarget(node), survey, wait.Now, Ssh(node))], IsLost: false);
        }
        catch (SourceException e)
        {
            return new Seen([Failed(node, InCommon(e.Message, node))], e is ShellException { MayPass: true });
        }
    }

    private NodeProblem NotSeen(ClusterNode node) => Failed(node, $"could not be asked within {AtMost.TotalMinutes:0} min");

    private NodeProblem Failed(ClusterNode node, string what) => new(VerdictKind.Aborts, BlockerClass.ActNow, what, node.Name, Address(node), $"{Ssh(node)} sudo -n true");

    // Without what is this node's alone, so that nodes that fail alike are told together.
    private string InCommon(string message, ClusterNode node)
    {
        var where = $"{node.Name} ({Address(node)}, port {ssh.Port})";
        var text = message.Replace($"the connection to {where} failed", "can't be reached over ssh", StringComparison.Ordinal).Replace(where, "it", StringComparison.Ordinal)
            .Replace($"\"{node.Name}\"", "\"NODE\"", StringComparison.Ordinal);
        return Alone(Alone(text, Address(node), "ADDRESS"), node.Name, "it");
    }

    private static string Alone(string text, string word, string instead) =>
        Regex.Replace(text, $@"(?<![\w.-]){Regex.Escape(word)}(?![\w-]|\.\w)", instead, RegexOptions.None, TimeSpan.FromSeconds(1));

    private string Ssh(ClusterNode node) => $"ssh {(ssh.Port == 22 ? "" : $"-p {ssh.Port} ")}{ssh.User}@{Address(node)}";

    // Only to be shown: where there is none, that is what failed.
    private static string Address(ClusterNode node) => node.Node.Status.Addresses.FirstOrDefault(address => address.Type == "InternalIP")?.Address ?? "no address";

    private sealed record Seen(IReadOnlyList<NodeProblem> Problems, bool IsLost);
}
