using Stepper.Cluster.Messages;
using Stepper.Cluster.Versions;
using Stepper.StepRunner.Gates;
using Stepper.StepRunner.Gates.Compatibility;
using Stepper.StepRunner.Spawning;
using Stepper.StepRunner.State;

namespace Stepper.StepRunner.Reporting;

/// <summary>What a report comes to.</summary>
internal enum ReportOutcome
{
    NoneNeeded,

    /// <summary>Nothing is in the way; the next detection begins it.</summary>
    Due,

    /// <summary>Somebody must act.</summary>
    Blocked,

    /// <summary>What is in the way passes by itself, or was decided by the operator.</summary>
    Held,

    /// <summary>In the last week, and nothing new is there.</summary>
    Upgraded,

    /// <summary>Parked runs among them.</summary>
    InProgress,
    Stopped,

    /// <summary>Detection has not come to an end of its own for over a week.</summary>
    DetectorStale,
    CannotTell,
}

/// <summary>How upgrades stand, as one message. Pure: the facts were read before.</summary>
internal sealed class Report(ReportFacts facts, Annotations names, string ns)
{
    /// <summary>As who it speaks.</summary>
    public const string Speaker = "k8s-upgrade-report";

    private const int MostJobs = 12;

    // Detection runs once a week; a day for one that is late, or in a week whose clocks change.
    private static readonly TimeSpan StaleAfter = TimeSpan.FromDays(8);
    private static readonly TimeSpan Lately = TimeSpan.FromDays(7);

    public ReportOutcome Outcome { get; } = OutcomeOf(facts);

    /// <summary>As scripts know it.</summary>
    public string OutcomeWords => Outcome switch
    {
        ReportOutcome.NoneNeeded => "none needed",
        ReportOutcome.InProgress => "in progress",
        ReportOutcome.DetectorStale => "detector stale",
        ReportOutcome.CannotTell => "cannot tell",
        var one => one.ToString().ToLowerInvariant(),
    };

    /// <summary>Null where there is nothing to go to, or nobody knows.</summary>
    public KubeVersion? Target => InFlight?.Run.Target ?? facts.Choice?.Target;

    public Letter Letter => new(Title, [.. Parts().Where(part => part.Lines.Count > 0)]);

    private InFlight? InFlight => facts.Seen?.InFlight;

    private string Title => Outcome switch
    {
        ReportOutcome.NoneNeeded => "K8s upgrade: none needed",
        ReportOutcome.Upgraded => $"K8s upgrade: done, to {UpgradedTo(facts)!.Run!.Target}",
        ReportOutcome.DetectorStale => "K8s upgrade: nobody has looked for one",
        ReportOutcome.CannotTell => "K8s upgrade: can't tell",
        _ => $"K8s upgrade to {Target}: {OutcomeWords}",
    };

    private static ReportOutcome OutcomeOf(ReportFacts facts) => facts switch
    {
        { Seen: null } or { Seen.InFlight: { ParkedUntil: null }, Chain: null } => ReportOutcome.CannotTell,
        { Seen.InFlight: { ParkedUntil: null } flight, Chain: { } chain } when OneRunGate.WhyActive(flight, chain, facts.Now) is null => ReportOutcome.Stopped,
        { Seen.InFlight: not null } => ReportOutcome.InProgress,
        { Detections: { } past } when !past.Any(one => !one.Failed && facts.Now - one.Ended <= StaleAfter) => ReportOutcome.DetectorStale,
        { Choice: null } or { Choice.Target: not null, Plan: null } => ReportOutcome.CannotTell,
        { Plan.Readiness: Readiness.Blocked } => ReportOutcome.Blocked,
        { Plan.Readiness: Readiness.Held } => ReportOutcome.Held,
        // It may be long since anybody looked.
        { Detections: null } => ReportOutcome.CannotTell,
        { Choice.Target: not null } => ReportOutcome.Due,
        _ => UpgradedTo(facts) is null ? ReportOutcome.NoneNeeded : ReportOutcome.Upgraded,
    };

    private static ChainJob? UpgradedTo(ReportFacts facts) => (facts.Chain ?? [])
        .Where(job => job is { Phase: PhaseName.Postflight, IsDone: true, Run: not null } && facts.Now - job.Made <= Lately)
        .MaxBy(job => job.Made);

    // Each is left out where it has no line.
    private IEnumerable<LetterPart> Parts() =>
    [
        new("", [.. WhatNext()]),
        new("Versions", [.. Versions()]),
        new("Target", facts.Choice is { } choice ? [choice.Target is { } target ? $"{target} ({choice.Kind!.Value.Text()}): {choice.Reason}" : $"none: {choice.Reason}"] : []),
        .. (facts.Plan?.Blockers ?? []).GroupBy(blocker => blocker.Class).OrderBy(group => group.Key)
            .Select(group => new LetterPart($"In the way, {GateList.Words(group.Key)}", [.. group.Select(blocker => $"{blocker}")])),
        .. facts.NextMinor is { } next ? [new LetterPart($"Next minor {next.Target}", [.. NextMinorLines(next)])] : Array.Empty<LetterPart>(),
        new("Run", [.. RunLines()]),
        new("Last detection", [.. LastDetection()]),
        new("Chain Jobs of the last 7 days", [.. JobLines()]),
        new("Could not be read", facts.Unread),
    ];

    private IEnumerable<string> WhatNext() => Outcome switch
    {
        ReportOutcome.Due => [$"Nothing is in the way: the next detection begins it, or now: stepper start --target {Target}"],
        ReportOutcome.Blocked => ["Somebody must act, or it is not begun."],
        ReportOutcome.Held when facts.Plan!.Blockers.Any(blocker => blocker.Class is BlockerClass.ActNow) =>
            ["Somebody must act, and it is not begun before the rest is out of the way too: it is asked again by each detection."],
        ReportOutcome.Held => ["Nobody need act: it is asked again by each detection."],
        ReportOutcome.Stopped => [$"The next detection in the window takes it up again, or now: stepper start --target {Target}"],
        ReportOutcome.DetectorStale => [$"See: kubectl -n {ns} get cronjob k8s-version-check (is it suspended?), or look now: stepper detect"],
        _ => [],
    };

    private IEnumerable<string> Versions() => (facts.Nodes ?? []).GroupBy(node => node.Kubelet).OrderBy(group => group.Key)
        .Select(group => $"{group.Key}: {(group.Count() == facts.Nodes!.Count ? $"all {group.Count()} nodes" : string.Join(", ", group.Select(node => node.Name)))}{Before(group.Select(node => node.Annotation(names.From)))}");

    // What the chain upgraded them from, where this week's did.
    private string Before(IEnumerable<string?> from) =>
        Outcome is ReportOutcome.Upgraded && from.OfType<string>().Distinct(StringComparer.Ordinal).ToList() is { Count: > 0 } before ? $", from {string.Join(", ", before)}" : "";

    // As far as it can be asked before its turn comes: what runs in the cluster, and not how the cluster is today.
    private static IEnumerable<string> NextMinorLines(CompatibilityReport next) => next.Readiness is Readiness.Ready
        ? ["ready"]
        : ["not ready", .. next.Findings.Where(finding => finding.Blocks).OrderBy(finding => finding.Class).Select(finding => $"{GateList.Words(finding.Class)}: {finding}")];

    private IEnumerable<string> RunLines()
    {
        if (InFlight is not { } flight)
        {
            yield break;
        }

        yield return $"{flight.Run}, since {Time(flight.Run.Start)}; last milestone {(flight.Progress is { } progress ? Time(progress) : "none")}";
        yield return $"etcd snapshot: {flight.SnapshotPath ?? "none yet"}";
        if (flight.ParkedUntil is { } until)
        {
            yield return $"parked until its window opens, {Time(until)}";
        }
    }

    private IEnumerable<string> LastDetection()
    {
        if (facts.Detections is not { } past)
        {
            yield break;
        }

        var good = past.Where(one => !one.Failed).MaxBy(one => one.Ended);
        yield return good is null ? "none has ended well that is still known" : $"{Time(good.Ended)} (Job {good.Job})";
        if (past.Where(one => one.Failed && !(one.Ended < good?.Ended)).MaxBy(one => one.Ended) is { } bad)
        {
            yield return $"failed {Time(bad.Ended)}: kubectl -n {ns} logs job/{bad.Job}";
        }
    }

    private IEnumerable<string> JobLines()
    {
        var lately = (facts.Chain ?? []).Where(job => facts.Now - job.Made <= Lately).OrderBy(job => job.Made).ToList();
        if (lately.Count > MostJobs)
        {
            yield return $"{lately.Count - MostJobs} before these";
        }

        foreach (var job in lately.TakeLast(MostJobs))
        {
            yield return $"{Time(job.Made)} {job.Name}: {Words(job)}";
        }
    }

    private static string Words(ChainJob job) => job switch
    {
        { State: JobState.Active } => "active",
        { State: JobState.Failed } => $"failed ({job.FailureMessage})",
        { State: JobState.BeingDeleted } => "being deleted",
        { Outcome: { } outcome } => outcome.ToString().ToLowerInvariant(),
        _ => "over, and its step has not said how",
    };

    private static string Time(DateTimeOffset time) => $"{time.UtcDateTime:yyyy-MM-dd HH:mm} UTC";
}
