using Stepper.Cluster.NodeShell;
using Stepper.Cluster.Versions;
using Stepper.Simulation.Controllers;
using Stepper.Simulation.Printed;

namespace Stepper.Simulation.Nodes;

/// <summary>What <c>kubeadm upgrade diff</c> prints: as recorded, for the flags that this node has by hand.</summary>
internal static class KubeadmDiff
{
    private const string FlagTaken = "-    - --";

    public static CommandResult Of(ControlPlane plane, SimulatedNode node, KubeVersion target)
    {
        var recording = Recording.OfKubeadm(node.Installed("kubeadm").Minor, node switch
        {
            { ApiServer: null } => "diff-no-manifest",
            _ when !plane.IsUp => "diff-api-away",
            _ => "diff-flag",
        });
        var text = recording.For(("target", target), ("running", node.ApiServer ?? target));
        return new CommandResult(recording.ExitCode, recording.ExitCode == 0 ? WithFlags(text, node.FlagsByHand) : text);
    }

    // The recorded node had two of them, in a place of their own.
    private static string WithFlags(string text, IList<string> flags)
    {
        var lines = text.Split('\n').ToList();
        var first = lines.FindIndex(line => line.StartsWith(FlagTaken, StringComparison.Ordinal));
        lines.RemoveAll(line => line.StartsWith(FlagTaken, StringComparison.Ordinal));
        if (flags.Count == 0)
        {
            lines.RemoveAt(first - 1);
        }
        else
        {
            var (from, to) = (lines[first - 1].Split(' ')[1].Split(',')[0], lines[first - 1].Split(' ')[2]);
            lines[first - 1] = $"@@ {from}{(flags.Count == 1 ? "" : $",{flags.Count}")} {to} @@";
            lines.InsertRange(first, flags.Select(flag => $"-    - {flag}"));
        }

        return string.Join('\n', lines);
    }
}
