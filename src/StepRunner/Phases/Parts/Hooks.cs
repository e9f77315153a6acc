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

    public async Task RunAsync(ClusterNode node, CancellationToken ct)
    {
        foreach (var script in scripts)
        {
            say(await RunAsync(node, script, ct));
        }
    }

    private async Task<string> RunAsync(ClusterNode node, ConfigMapKey script, CancellationToken ct)
    {
        try
        {
            var map = await api.FindAsync(Resources.ConfigMaps, script.Namespace, script.Name, ct);
            if (map?.Data.GetValueOrDefault(script.Key) is not { } text)
            {
                return $"warning: hook {script} was not run: there is no such ConfigMap or key";
            }

            var result = await shell.RunHookAsync(node.Target, text, ct);
            return result.ExitCode == 0 ? $"hook {script} ran on {node.Name}" : $"warning: hook {script} on {node.Name} ended with {result.ExitCode}: {result.LastLine}";
        }
        catch (SourceException e)
        {
            return $"warning: hook {script} on {node.Name}: {e.Message}";
        }
    }
}
