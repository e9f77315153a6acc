using Stepper.Cluster;
using Stepper.Cluster.Kubernetes;
using Stepper.Cluster.Nodes;
using Stepper.Cluster.NodeShell;
using Stepper.StepRunner.Settings;

namespace Stepper.StepRunner.Phases.Parts;

/// <summary>The operator's own scripts after a control-plane node (<c>afterControlPlane</c>): what kubeadm has overwritten is put back there. A failure warns.</summary>
internal sealed class Hooks(KubeApi api, INodeShell shell, IReadOnlyList<ConfigMapKey> scripts, Action<string> say)
{
    /// <summary>How long one script may take: what the shell gives it.</summary>
    public static readonly TimeSpan OneAtMost = TimeSpan.FromMinutes(30);

    /// <returns>What failed, as sentences that follow another; empty when nothing did.</returns>
    public async Task<string> RunAsync(ClusterNode node, CancellationToken ct)
    {
        var warnings = new List<string>();
        foreach (var script in scripts)
        {
            if (await WhyNotAsync(node, script, ct) is { } why)
            {
                say($"warning: hook {script} {why}");
                warnings.Add($". Warning: hook {script} {why.TrimEnd('.')}");
            }
            else
            {
                say($"hook {script} ran on {node.Name}");
            }
        }

        return string.Concat(warnings);
    }

    private async Task<string?> WhyNotAsync(ClusterNode node, ConfigMapKey script, CancellationToken ct)
    {
        try
        {
            var map = await api.FindAsync(Resources.ConfigMaps, script.Namespace, script.Name, ct);
            if (map?.Data.GetValueOrDefault(script.Key) is not { } text)
            {
                return "was not run: there is no such ConfigMap or key";
            }

            var result = await shell.RunHookAsync(node.Target, text, ct);
            return result.ExitCode == 0 ? null : $"on {node.Name} ended with {result.ExitCode}: {result.LastLine}";
        }
        catch (SourceException e)
        {
            return $"on {node.Name}: {e.Message}";
        }
    }
}
