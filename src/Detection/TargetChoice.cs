using Stepper.Cluster.Versions;

namespace Stepper.Detection;

public enum UpgradeKind
{
    Patch,
    Minor,
}

/// <summary>Which versions an operator wants.</summary>
/// <param name="MinimumAge">How long a release must have been out. Zero: its age is not asked for.</param>
/// <param name="Skip">Releases that are never gone to.</param>
/// <param name="MaxMinor">The last minor that is gone to; null for no end.</param>
public sealed record DetectionPolicy(bool AllowMinor, TimeSpan MinimumAge, IReadOnlyList<KubeVersion> Skip, MinorVersion? MaxMinor);

/// <summary>A release that could be gone to.</summary>
/// <param name="Published">Null where nobody knows; it is then not old enough for any age.</param>
public sealed record OfferedRelease(KubeVersion Version, DateTimeOffset? Published = null);

/// <summary>Which version to go to. Pure: the facts were asked for before.</summary>
/// <param name="Target">Null when there is nothing to go to.</param>
/// <param name="Kind">Null when there is nothing to go to.</param>
/// <param name="Reason">Why this target, or why none: a sentence without its full stop.</param>
public sealed record TargetChoice(KubeVersion Running, KubeVersion? Target, UpgradeKind? Kind, string Reason)
{
    /// <summary>A half-way cluster finishes what it began, and nothing lower is a target. Null when the cluster is not half-way.</summary>
    /// <exception cref="Stepper.Cluster.SourceException">Its parts are more than one minor from each other: no one upgrade goes there.</exception>
    public static TargetChoice? OfHalfWay(RunningVersions versions)
    {
        if (!versions.IsHalfWay)
        {
            return null;
        }

        var (oldest, highest) = (versions.OldestKubelet, versions.Highest);
        return VersionSkew.WhyNot(oldest.Version, highest.Version) is { } why
            ? throw new Cluster.SourceException($"{oldest} and {highest} can't be brought together by one upgrade: {why}")
            : To(oldest.Version, highest.Version, $"the cluster is half-way: {oldest}, {highest}");
    }

    /// <summary>The newest patch that may be taken, or why to wait for one. Null when the minor has none to take or to wait for.</summary>
    public static TargetChoice? OfPatches(KubeVersion running, IReadOnlyList<OfferedRelease> patches, DetectionPolicy policy, DateTimeOffset now) =>
        Newest(running, patches.Where(patch => patch.Version.Line == running.Line), policy, now);

    /// <summary>The newest release of the next minor that may be taken, or why there is none.</summary>
    /// <param name="patches">Of the running minor, for the reason's text.</param>
    /// <param name="next">Of the next minor alone; null when that minor does not exist yet.</param>
    public static TargetChoice OfNextMinor(
        KubeVersion running, IReadOnlyList<OfferedRelease> patches, IReadOnlyList<OfferedRelease>? next, DetectionPolicy policy, DateTimeOffset now)
    {
        var line = running.Line.Next;
        var atNewest = AtNewest(running, patches, policy);
        if (WhyNoMinor(running, policy) is { } why)
        {
            return None(running, $"{atNewest}, and {why}");
        }

        if (next is null)
        {
            return None(running, $"{atNewest}, and {line} is not out yet");
        }

        return Newest(running, next, policy, now) switch
        {
            { } choice => choice with { Reason = $"{atNewest}; {choice.Reason}" },
            null => None(running, $"{atNewest}, and every release of {line} is to be skipped"),
        };
    }

    /// <summary>Why the next minor is not even asked for; null when it is.</summary>
    public static string? WhyNoMinor(KubeVersion running, DetectionPolicy policy)
    {
        if (!policy.AllowMinor)
        {
            return "minor upgrades are switched off";
        }

        return policy.MaxMinor is { } last && running.Line.Next > last ? $"no minor after {last} is wanted" : null;
    }

    // The newest one that is old enough; else, if one is only too young, none, because it will be one day. Null when there is nothing at all.
    private static TargetChoice? Newest(KubeVersion running, IEnumerable<OfferedRelease> offered, DetectionPolicy policy, DateTimeOffset now)
    {
        var wanted = offered.Where(release => release.Version > running && !policy.Skip.Contains(release.Version)).OrderByDescending(release => release.Version).ToList();
        if (wanted.Find(release => IsOldEnough(release, policy, now)) is { } target)
        {
            var waiting = wanted[0] == target ? "" : $"; {TooYoung(wanted[0], policy, now)}";
            return To(running, target.Version, $"{target.Version} is the newest release of {target.Version.Line} that may be taken{waiting}");
        }

        return wanted.Count == 0 ? null : None(running, TooYoung(wanted[0], policy, now));
    }

    private static bool IsOldEnough(OfferedRelease release, DetectionPolicy policy, DateTimeOffset now) =>
        policy.MinimumAge == TimeSpan.Zero || now - release.Published >= policy.MinimumAge;

    private static string TooYoung(OfferedRelease release, DetectionPolicy policy, DateTimeOffset now) => release.Published is { } published
        ? $"{release.Version} has been out for {(now - published).TotalHours:0} h only and is waited for until it is {policy.MinimumAge.TotalHours:0} h old"
        : $"nobody says how long {release.Version} has been out, and it has to be {policy.MinimumAge.TotalHours:0} h old";

    private static string AtNewest(KubeVersion running, IReadOnlyList<OfferedRelease> patches, DetectionPolicy policy)
    {
        var skipped = patches.Select(patch => patch.Version).Where(version => version.Line == running.Line && version > running && policy.Skip.Contains(version)).ToList();
        return skipped.Count == 0
            ? $"{running} is the newest release of {running.Line}"
            : $"{running} is the newest release of {running.Line} but for {string.Join(", ", skipped)}, to be skipped";
    }

    private static TargetChoice To(KubeVersion running, KubeVersion target, string reason) =>
        new(running, target, target.Line == running.Line ? UpgradeKind.Patch : UpgradeKind.Minor, reason);

    private static TargetChoice None(KubeVersion running, string reason) => new(running, null, null, reason);
}
