using Stepper.Cluster;
using Stepper.Cluster.Nodes;
using Stepper.Cluster.NodeShell;
using Stepper.StepRunner.State;

namespace Stepper.StepRunner.Phases.Parts;

/// <summary>
/// Runs the node script to its end. The script outlives the connection and this process: what is lost is the connection, which is made again, and a later try
/// attaches to the run that still goes.
/// </summary>
internal sealed class NodeScriptRun(INodeShell shell, Reach reach, Wait wait, Milestones milestones, Action<string> say)
{
    /// <summary>How long the script may take at most. kubeadm alone may wait three times five minutes for a static pod.</summary>
    public static readonly TimeSpan AtMost = TimeSpan.FromMinutes(45);

    private const string StagePrefix = "stage: ";

    // Of what a failed stage said at the end: the script's last line is only its own conclusion.
    private const int LinesKept = 100;

    /// <summary>With a node that can't be reached when it is looked at, when the script is to be started, and again when its time is over.</summary>
    public static readonly TimeSpan WithAllWaits = AtMost + (3 * Reach.AtMost);

    /// <exception cref="AbortException">It failed, was lost, or takes too long.</exception>
    public async Task RunAsync(ClusterNode node, NodeScript script, CancellationToken ct)
    {
        var deadline = wait.Now + AtMost;
        var run = await reach.AskAsync(node.Name, () => shell.StartScriptAsync(node.Target, script, ct), ct);
        if (run.Release != script.Release)
        {
            throw new AbortException($"A run of the node script to {run.Release} is still alive on {node.Name}; this step goes to {script.Release} and starts no second one beside it");
        }

        var lastLine = "";
        var stage = new Queue<string>();
        for (var at = 0L; ;)
        {
            var progress = await reach.AskAsync(node.Name, () => shell.FollowScriptAsync(node.Target, run, at, ct), ct);
            at = progress.NextByte;
            foreach (var line in progress.Text.Split('\n').Select(line => line.TrimEnd()).Where(line => line.Length > 0))
            {
                lastLine = line;
                Keep(stage, line);
                await TellAsync(node, line, ct);
            }

            switch (progress)
            {
                case { State: ScriptState.Ended, ExitCode: 0 }:
                    return;
                case { State: ScriptState.Ended }:
                    throw new AbortException($"The node script on {node.Name} ended with {progress.ExitCode}: \"{lastLine}\"{KubeadmsWords(stage)}");
                case { State: ScriptState.Rebooted }:
                    throw new AbortException($"The node script on {node.Name} is gone: the node was rebooted in the middle of it. Its last line: \"{lastLine}\"");
                case { State: ScriptState.Lost }:
                    throw new AbortException($"The node script on {node.Name} is gone without an exit code, and the node was not rebooted: something killed it, for want of memory perhaps. Its last line: \"{lastLine}\"");
            }

            if (wait.Now > deadline)
            {
                throw new AbortException($"The node script on {node.Name} has not ended within {AtMost.TotalMinutes:0} min and goes on. Its last line: \"{lastLine}\"");
            }
        }
    }

    private static void Keep(Queue<string> stage, string line)
    {
        if (line.StartsWith(StagePrefix, StringComparison.Ordinal))
        {
            stage.Clear();
        }

        stage.Enqueue(line);
        if (stage.Count > LinesKept)
        {
            stage.Dequeue();
        }
    }

    private static string KubeadmsWords(Queue<string> stage) => KubeadmWords.WhyFailed(string.Join('\n', stage)) is { } why ? $"; kubeadm: {why}" : "";

    private async Task TellAsync(ClusterNode node, string line, CancellationToken ct)
    {
        if (line.StartsWith(StagePrefix, StringComparison.Ordinal))
        {
            await milestones.ReachAsync($"script: {line[StagePrefix.Length..]}", ct);
        }
        else
        {
            say($"{node.Name} | {line}");
        }
    }
}
