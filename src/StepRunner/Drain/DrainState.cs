using Stepper.Cluster.Kubernetes.Objects;

namespace Stepper.StepRunner.Drain;

/// <summary>All that a drain knows. Only the loop of <see cref="NodeDrain"/> touches it, so nothing in it is locked; it asks nothing and waits for nothing.</summary>
internal sealed class DrainState(string node, DateTimeOffset start)
{
    private const int NamesSaid = 10;

    private readonly Dictionary<string, DrainedPod> _pods = new(StringComparer.Ordinal);
    private bool _seen;

    /// <summary>Nothing is left to be waited for, or nothing may be done.</summary>
    public bool IsOver => _seen && (IsForbidden || !_pods.Values.Any(pod => pod.MustGo || pod.IsAsked));

    public int Gone => _pods.Values.Count(pod => !pod.IsThere);

    /// <summary>When the next pod is to be asked for (again); null when none is.</summary>
    public DateTimeOffset? NextAsk => _pods.Values.Where(pod => pod.IsToBeAsked).Min(pod => (DateTimeOffset?)pod.NextAsk);

    private bool IsForbidden => _pods.Values.Any(pod => pod.IsForbidding);

    /// <param name="there">The node's pods by uid, all of them.</param>
    public void See(IReadOnlyDictionary<string, Pod> there, DrainFacts facts, DateTimeOffset now)
    {
        foreach (var (uid, pod) in there)
        {
            _pods.TryAdd(uid, new DrainedPod(pod, now, isLate: _seen));
            _pods[uid].See(pod, facts);
        }

        _seen = true;

        foreach (var (_, gone) in _pods.Where(known => !there.ContainsKey(known.Key)))
        {
            gone.Vanish();
        }
    }

    /// <summary>Takes those whose time has come as asked for, at most so many: who has waited longest first.</summary>
    public IReadOnlyList<DrainedPod> TakeDue(int atMost, DateTimeOffset now)
    {
        List<DrainedPod> due =
        [
            .. _pods.Values.Where(pod => !IsForbidden && pod.IsToBeAsked && pod.NextAsk <= now)
                .OrderBy(pod => pod.NextAsk).ThenBy(pod => pod.Name, StringComparer.Ordinal).Take(atMost),
        ];
        due.ForEach(pod => pod.Ask());
        return due;
    }

    /// <returns>What is worth to be said at once; null when nothing is.</returns>
    public string? Take(PodAnswer answer, DateTimeOffset now) => _pods[answer.Pod.Metadata.Uid].Take(answer, now);

    /// <summary>How far it is and what stands in the way, a line each.</summary>
    public IReadOnlyList<string> InWords(DateTimeOffset now)
    {
        var (toGo, late) = (_pods.Values.Count(pod => pod.MustGo), _pods.Values.Count(pod => pod.IsLate));
        var blocked = _pods.Values.Where(pod => pod.IsBlocked).OrderBy(pod => pod.Name, StringComparer.Ordinal).ToList();
        var overdue = _pods.Values.Where(pod => pod.IsOverdue(now)).OrderBy(pod => pod.Name, StringComparer.Ordinal).ToList();
        return
        [
            $"gone {Gone}, ending {toGo - blocked.Count}, blocked {blocked.Count}{(late > 0 ? $", come past the cordon {late}" : "")}",
            .. Named(blocked, pod => pod.BlockInWords(now), "are blocked"),
            .. Named(overdue, pod => $"{pod.EndAt(now)}", "should have been gone"),
        ];
    }

    public DrainReport Report(DateTimeOffset now) =>
        new(node, now - start, [.. _pods.Values.Select(pod => pod.EndAt(now)).OrderBy(pod => pod.Name, StringComparer.Ordinal)])
        {
            WereBlocked = _pods.Values.Where(pod => pod.WasBlocked).Select(pod => pod.Name).ToHashSet(StringComparer.Ordinal),
        };

    private static IEnumerable<string> Named(List<DrainedPod> pods, Func<DrainedPod, string> inWords, string what) =>
        pods.Take(NamesSaid).Select(inWords).Concat(pods.Count > NamesSaid ? [$"and {pods.Count - NamesSaid} more {what}"] : []);
}
