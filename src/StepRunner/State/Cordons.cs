using System.Text.Json.Nodes;
using Stepper.Cluster.Kubernetes;
using Stepper.Cluster.Nodes;

namespace Stepper.StepRunner.State;

/// <summary>Whose a cordon is that a step works under.</summary>
internal enum CordonTaken
{
    Now,

    /// <summary>The chain's own, of a try that was killed or that stopped after the packages were changed.</summary>
    ByAnEarlierTry,

    /// <summary>A person's: it stays.</summary>
    BeforeTheChain,
}

/// <summary>An annotation to be written on a node.</summary>
/// <param name="Value">Null: to be taken away.</param>
internal sealed record Note(string Name, string? Value);

/// <summary>
/// The chain's cordons. Who cordoned a node is written on the node in the same write as the cordon, so that a killed pod's next try knows it, and a person's
/// own cordon is never taken away. The same two writes mark when the chain was at work on the node (<see cref="StepMarks"/>).
/// </summary>
internal sealed class Cordons(KubeApi api, NodeList nodes, Annotations names, StepMarks marks)
{
    /// <summary>Cordons a node for a run, or remembers that a person had done it before. Safe to repeat.</summary>
    /// <param name="node">As it was just read: where it has changed since, nothing is written.</param>
    /// <param name="again">Reads it once more then; null: by its name alone.</param>
    /// <param name="notes">Written with it; null for none.</param>
    public async Task<CordonTaken> TakeAsync(ClusterNode node, Run run, CancellationToken ct, IReadOnlyList<Note>? notes = null, Func<Task<ClusterNode>>? again = null)
    {
        while (true)
        {
            var isPersons = node.IsCordoned && node.Annotation(names.Cordoned) is null;
            var annotations = isPersons
                ? new JsonObject { [names.CordonedBefore] = run.ToString() }
                : new JsonObject { [names.Cordoned] = run.ToString(), [names.CordonedBefore] = null };
            marks.Begin(node, run, annotations);
            if (await TryAsync(node, unschedulable: true, With(notes, annotations), ct))
            {
                return (node.IsCordoned, isPersons) switch
                {
                    (_, true) => CordonTaken.BeforeTheChain,
                    (true, _) => CordonTaken.ByAnEarlierTry,
                    _ => CordonTaken.Now,
                };
            }

            // Changed since it was read, perhaps by a person who cordons it: look again.
            node = again is null ? await nodes.GetAsync(node.Name, ct) : await again();
        }
    }

    /// <summary>Where a step's work on a node ends and its cordon stays, on purpose: writes that the work has ended.</summary>
    /// <param name="notes">Written with it; null for none.</param>
    /// <returns>Whether the node bears the chain's cordon.</returns>
    public async Task<bool> KeepAsync(string name, CancellationToken ct, IReadOnlyList<Note>? notes = null)
    {
        var node = await nodes.GetAsync(name, ct);
        var annotations = new JsonObject();
        marks.End(annotations);
        await api.MergeAsync(Resources.Nodes, null, name, new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = With(notes, annotations) } }, ct);
        return IsChains(node);
    }

    /// <summary>
    /// Uncordons a node if the cordon is the chain's, of whatever run, and forgets what was remembered. Safe to repeat.
    /// </summary>
    /// <param name="isByItsStep">The step's work on the node ends with it. For another step's cordon, the end that it wrote itself stays.</param>
    /// <param name="seen">The node as it was just read or told of; null to read it.</param>
    /// <param name="notes">Written with it; null for none.</param>
    /// <returns>True when the node was uncordoned by this call.</returns>
    public async Task<bool> GiveBackAsync(string name, bool isByItsStep, CancellationToken ct, ClusterNode? seen = null, IReadOnlyList<Note>? notes = null)
    {
        for (var node = seen; ; node = null)
        {
            node ??= await nodes.GetAsync(name, ct);
            var isOurs = node.Annotation(names.Cordoned) is not null;
            if (!isOurs && node.Annotation(names.CordonedBefore) is null)
            {
                if (ReferenceEquals(node, seen))
                {
                    // What was told may be older than the cordon.
                    continue;
                }

                return false;
            }

            var annotations = new JsonObject { [names.Cordoned] = null, [names.CordonedBefore] = null };
            if (isByItsStep || !marks.HasEnded(node))
            {
                marks.End(annotations);
            }

            if (await TryAsync(node, unschedulable: !isOurs && node.IsCordoned, With(notes, annotations), ct))
            {
                return isOurs && node.IsCordoned;
            }
        }
    }

    public bool IsChains(ClusterNode node) => node.Annotation(names.Cordoned) is not null;

    /// <summary>The run that holds a node, under its own cordon or a person's; null where none does.</summary>
    public string? HeldBy(ClusterNode node) => node.Annotation(names.Cordoned) ?? (node.IsCordoned ? node.Annotation(names.CordonedBefore) : null);

    /// <summary>Writes notes alone, where there is no cordon to write them with.</summary>
    public async Task NoteAsync(string name, IReadOnlyList<Note> notes, CancellationToken ct)
    {
        if (notes.Count > 0)
        {
            await api.MergeAsync(Resources.Nodes, null, name, new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = With(notes, []) } }, ct);
        }
    }

    private static JsonObject With(IReadOnlyList<Note>? notes, JsonObject annotations)
    {
        foreach (var note in notes ?? [])
        {
            annotations[note.Name] = note.Value;
        }

        return annotations;
    }

    private async Task<bool> TryAsync(ClusterNode node, bool unschedulable, JsonObject annotations, CancellationToken ct)
    {
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject { ["resourceVersion"] = node.Node.Metadata.ResourceVersion, ["annotations"] = annotations },
            ["spec"] = new JsonObject { ["unschedulable"] = unschedulable ? true : null },
        };
        try
        {
            await api.MergeAsync(Resources.Nodes, null, node.Name, patch, ct);
            return true;
        }
        catch (KubeRefusedException e) when (e.IsConflict)
        {
            return false;
        }
    }
}
