using Stepper.Cluster.Kubernetes.Objects;

namespace Stepper.StepRunner.Drain;

/// <summary>One pod in the course of a drain: what is to become of it, how far that is, and what stands in the way.</summary>
/// <param name="isLate">It was not there yet when the drain began.</param>
internal sealed class DrainedPod(Pod pod, DateTimeOffset seen, bool isLate)
{
    // A budget's 429 does not say when to ask again.
    private static readonly TimeSpan AskedAgainAfter = TimeSpan.FromSeconds(5);

    private PodDecision _decision = new(PodFate.Evict, "");
    private PodOutcome _outcome = PodOutcome.GoneByItself;
    private string? _end;
    private Block? _block;

    public Pod Pod { get; private set; } = pod;

    public string Name => Pod.FullName();

    public bool IsThere { get; private set; } = true;

    /// <summary>A request that is to end it is under way.</summary>
    public bool IsAsked { get; private set; }

    /// <summary>When to ask (again) for its end; of use while it <see cref="IsToBeAsked"/>.</summary>
    public DateTimeOffset NextAsk { get; private set; } = seen;

    public bool IsToBeAsked => IsThere && !IsAsked && _decision.Fate == PodFate.Evict;

    public bool MustGo => IsThere && _decision.Fate is PodFate.Evict or PodFate.Await;

    public bool IsForbidding => IsThere && _decision.Fate == PodFate.Forbid;

    public bool IsBlocked => IsThere && _block is not null;

    /// <summary>Something stood in its way at least once.</summary>
    public bool WasBlocked { get; private set; }

    public bool IsLeft => _decision.Fate is PodFate.LeaveMirror or PodFate.LeaveDaemonSet or PodFate.LeaveFinished;

    /// <summary>It has come past the cordon, and has to go as well.</summary>
    public bool IsLate => isLate && !IsLeft;

    /// <summary>The next request deletes it past its budget.</summary>
    public bool IsPushed { get; private set; }

    /// <summary>It was told to end, and its time for that is over.</summary>
    public bool IsOverdue(DateTimeOffset now) => IsThere && _decision.Fate == PodFate.Await && Pod.Metadata.DeletionTimestamp <= now;

    public void See(Pod now, DrainFacts facts)
    {
        (Pod, IsThere) = (now, true);
        // What was ended once is waited for, whatever it looks like on its way out: finished, for one.
        if (!IsAsked && _decision.Fate != PodFate.Await)
        {
            _decision = PodFilters.Decide(now, facts);
            _block = _decision.Fate == PodFate.Evict ? _block : null;
        }
    }

    public void Vanish() => IsThere = false;

    public void Ask() => IsAsked = true;

    /// <returns>What is worth to be said of it at once; null when nothing is.</returns>
    public string? Take(PodAnswer answer, DateTimeOffset now)
    {
        IsAsked = IsPushed = false;
        switch (answer.Kind)
        {
            case AnswerKind.Evicted:
                End(PodOutcome.Evicted, _decision.Reason);
                return null;
            case AnswerKind.Deleted:
                End(PodOutcome.DeletedPastBudget, _block!.WhyPushed(Pod));
                return $"{Name} was deleted past its budget: {_end}";
            case AnswerKind.Unanswered:
                (_outcome, _end) = (PodOutcome.DeletedPastBudget, _block!.WhyPushed(Pod));
                AskAgain(now);
                return $"{Name} was to be deleted past its budget and the API server has not said whether it is; looked at anew";
            case AnswerKind.NotThere:
                AskAgain(now);
                return null;
            default:
                return Stand(answer, now);
        }
    }

    /// <summary>What stands in its way, for a person; of use while it <see cref="IsBlocked"/>.</summary>
    public string BlockInWords(DateTimeOffset now) => $"{Name} {_block?.InWords(now)}";

    public PodEnd EndAt(DateTimeOffset now) => new(Name, Outcome(), IsThere && !IsLeft ? WhyThere(now) : _end ?? _decision.Reason);

    private void End(PodOutcome outcome, string reason)
    {
        (_outcome, _end, _block) = (outcome, reason, null);
        _decision = _decision with { Fate = PodFate.Await };
    }

    private void AskAgain(DateTimeOffset now) => (_block, NextAsk) = (null, now + AskedAgainAfter);

    private string? Stand(PodAnswer answer, DateTimeOffset now)
    {
        var before = _block;
        _block = Block.After(before, answer, now);
        WasBlocked = true;
        IsPushed = _block.IsSettled(now);
        NextAsk = IsPushed ? now : now + AskedAgainAfter;
        return _block.IsNews(before) ? BlockInWords(now) : null;
    }

    private PodOutcome Outcome() => (IsThere, _decision.Fate) switch
    {
        (false, _) => _outcome == PodOutcome.Evicted && isLate ? PodOutcome.EvictedLate : _outcome,
        (_, PodFate.LeaveMirror) => PodOutcome.LeftMirror,
        (_, PodFate.LeaveDaemonSet) => PodOutcome.LeftDaemonSet,
        (_, PodFate.LeaveFinished) => PodOutcome.LeftFinished,
        _ => PodOutcome.Stuck,
    };

    private string WhyThere(DateTimeOffset now) => (_decision.Fate, _block, Pod.Metadata) switch
    {
        (PodFate.Forbid, _, _) => _decision.Reason,
        (_, { } block, _) => block.InWords(now),
        (_, _, { DeletionTimestamp: { } end, Finalizers: { Count: > 0 } held }) when end <= now && Pod.IsFinished =>
            $"should have been gone {(now - end).InWords()} ago and is held by the finalizer {string.Join(", ", held)}",
        (_, _, { DeletionTimestamp: { } end }) when end <= now => $"should have been gone {(now - end).InWords()} ago: its kubelet has not ended it",
        (_, _, { DeletionTimestamp: { } end }) => $"is being ended and has {(end - now).InWords()} more for it",
        (PodFate.Await, _, _) => "was told to end and is not ending",
        _ when IsAsked => "its eviction was asked for and is not answered yet",
        _ => "has not been evicted yet",
    };
}
