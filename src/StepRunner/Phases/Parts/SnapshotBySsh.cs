using Stepper.Cluster;
using Stepper.Cluster.Nodes;
using Stepper.Cluster.NodeShell;
using Stepper.StepRunner.Settings;

namespace Stepper.StepRunner.Phases.Parts;

/// <summary>
/// The etcd snapshot by etcd itself, over ssh on the first control-plane node, where it stays: for clusters without a backup of their own. Its name has the run's
/// start in it, so a retry finds it, and uses it again while it is less than an hour old and proves to be one.
/// </summary>
internal sealed class SnapshotBySsh(INodeShell shell, NodeList nodes, SnapshotSettings settings, Wait wait, Action<string> say)
{
    private const int Tries = 3;
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(15);

    /// <summary>Takes it, and gives back where it lies: the node, and the path on it.</summary>
    /// <exception cref="AbortException">There is no snapshot that can be believed.</exception>
    public async Task<string> TakeAsync(Run run, CancellationToken ct)
    {
        var node = (await nodes.ListAsync(ct)).FirstOrDefault(each => each.IsControlPlane)
            ?? throw new AbortException($"No node has the label {ClusterNode.ControlPlaneLabel}, so there is none to take the etcd snapshot on");
        var name = $"etcd-{run.Target}-{run.Start.ToUnixTimeSeconds()}.db";
        try
        {
            var path = await wait.WithinAsync(
                settings.Timeout,
                limit => ProvedAsync(node.Target, name, limit),
                late => new AbortException($"The etcd snapshot on {node.Name} was not taken within {settings.Timeout.TotalMinutes:0} min", late),
                ct);
            return $"{node.Name}:{path}";
        }
        catch (SourceException e)
        {
            throw new AbortException($"The etcd snapshot could not be taken: {e.Message}", e);
        }
    }

    private async Task<string> ProvedAsync(NodeTarget node, string name, CancellationToken ct)
    {
        var saved = await SaveAsync(node, name, EtcdSnapshot.StillGood, ct);
        if (saved.Reused)
        {
            if (WhyNot(saved) is not { } unproved)
            {
                say($"the etcd snapshot {node.Name}:{saved.Path} of this run is used");
                return saved.Path;
            }

            say($"the etcd snapshot {node.Name}:{saved.Path} of this run {unproved}; another one is taken");
            saved = await SaveAsync(node, name, TimeSpan.Zero, ct);
        }

        return WhyNot(saved) is { } why ? throw new AbortException($"The etcd snapshot {node.Name}:{saved.Path} {why}") : saved.Path;
    }

    // Safe to repeat: what was saved before the connection was lost is found by its name.
    private async Task<SavedEtcd> SaveAsync(NodeTarget node, string name, TimeSpan reuse, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await shell.SaveEtcdAsync(node, name, reuse, ct);
            }
            catch (ShellException e) when (e.MayPass && attempt < Tries)
            {
                say($"the etcd snapshot on {node.Name} is tried again: {e.Message}");
                await wait.ForAsync(Between, ct);
            }
        }
    }

    private string? WhyNot(SavedEtcd saved) => saved switch
    {
        _ when saved.Bytes < settings.MinBytes => $"has {saved.Bytes} bytes; fewer than {settings.MinBytes} are no snapshot",
        { Keys: <= 0 } => "has no key in it",
        _ when saved.Revision < saved.RevisionBefore => $"is of revision {saved.Revision}, and etcd was at {saved.RevisionBefore} before it was saved",
        _ => null,
    };
}
