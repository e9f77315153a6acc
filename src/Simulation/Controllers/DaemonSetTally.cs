using System.Text.Json.Nodes;
using Stepper.Cluster;

namespace Stepper.Simulation.Controllers;

/// <summary>
/// Where a DaemonSet is to have a pod, and where it has one. Kept up by what has changed: there may be a thousand nodes, and one changes at a time.
/// </summary>
/// <param name="nodes">All that there are.</param>
internal sealed class DaemonSetTally(IEnumerable<string> nodes)
{
    private readonly HashSet<string> _wanted = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _there = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, JsonObject> _finished = new(StringComparer.Ordinal);
    private HashSet<string> _changed = new(nodes, StringComparer.Ordinal);

    /// <summary>On how many nodes there is to be a pod, as of the last look.</summary>
    public int Wanted => _wanted.Count;

    public int Ready { get; private set; }

    /// <summary>Its pods that have ended, and that nobody has deleted yet.</summary>
    public IEnumerable<JsonObject> Finished => _finished.Values;

    /// <summary>A node is to be looked at again.</summary>
    public void Change(string node) => _changed.Add(node);

    public void Put(JsonObject pod) => Count(pod, 1);

    public void Take(JsonObject pod) => Count(pod, -1);

    /// <summary>Looks again at the nodes that have changed.</summary>
    /// <param name="wants">Whether there is to be a pod on a node; false for one that is not there.</param>
    /// <returns>Those that lack one.</returns>
    public List<string> Missing(Func<string, bool> wants)
    {
        var changed = _changed;
        _changed = new(StringComparer.Ordinal);
        var missing = new List<string>();
        foreach (var node in changed.Order(NaturalOrder.OfNames))
        {
            if (!wants(node))
            {
                _wanted.Remove(node);
                continue;
            }

            _wanted.Add(node);
            if (_there.GetValueOrDefault(node) == 0)
            {
                missing.Add(node);
            }
        }

        return missing;
    }

    private void Count(JsonObject pod, int by)
    {
        var node = NodeOf(pod);
        _there[node] = _there.GetValueOrDefault(node) + by;
        _changed.Add(node);
        Ready += pod.IsReady() ? by : 0;
        if (by > 0 && pod.IsFinished() && !pod.IsBeingDeleted())
        {
            _finished[pod.Name()] = pod;
        }
        else
        {
            _finished.Remove(pod.Name());
        }
    }

    // Where it is, is where it was pinned.
    private static string NodeOf(JsonObject pod) => pod.NodeName() is { Length: > 0 } there
        ? there
        : pod.Items("spec", "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms")
            .SelectMany(term => term.Items("matchFields")).SelectMany(field => field.Words("values")).FirstOrDefault() ?? "";
}
