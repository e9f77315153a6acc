using Stepper.Cluster.Versions;
using Stepper.Cluster.Workloads;

namespace Stepper.StepRunner.Gates.Compatibility;

/// <summary>Whether an addon, as it runs, works with a minor of Kubernetes by what the matrix knows. Pure.</summary>
internal static class AddonJudge
{
    /// <summary>An answer for each addon of the matrix that runs.</summary>
    public static IEnumerable<CompatibilityAnswer> Of(IReadOnlyList<KnownAddon> addons, IReadOnlyList<Workload> workloads, MinorVersion target) =>
        from addon in addons
        let running = RunningOf(addon, workloads).ToList()
        where running.Count > 0
        select Of(addon, running, target);

    /// <summary>Whether one of its images is an addon's.</summary>
    public static bool Knows(IReadOnlyList<KnownAddon> addons, Workload workload) =>
        workload.Images.Any(image => addons.Any(addon => addon.Images.Any(image.IsOf)));

    private static IEnumerable<Running> RunningOf(KnownAddon addon, IReadOnlyList<Workload> workloads) =>
        from workload in workloads
        from image in workload.Images
        where addon.Images.Any(image.IsOf)
        select new Running(image, DottedVersion.OfTag(image.Tag), workload.Where);

    private static CompatibilityAnswer Of(KnownAddon addon, List<Running> running, MinorVersion target)
    {
        var unread = running.Where(each => each.Version is null).ToList();
        var versions = running.Select(each => each.Version).OfType<DottedVersion>().Distinct().Order().ToList();
        return new CompatibilityAnswer(
            $"addon {addon.Name}",
            string.Join(", ", versions.Select(version => version.ToString()).Concat(unread.Select(each => each.Shown).Distinct(StringComparer.Ordinal))),
            [.. unread.Count > 0 ? [Unread(addon, unread)] : Array.Empty<Finding>(), .. versions.Count > 0 ? Judge(addon, versions, running, target) : []]);
    }

    // Each by itself: a later release may support less than one before it.
    private static IEnumerable<Finding> Judge(KnownAddon addon, List<DottedVersion> versions, IReadOnlyList<Running> running, MinorVersion target)
    {
        var sufficient = Sufficient(addon, versions[^1], target);
        return from version in versions
               let covering = addon.Covering(version)
               where covering is null || covering.Kubernetes < target
               select Refuse(addon, version, [.. running.Where(each => each.Version == version)], sufficient, target);
    }

    private static Finding Refuse(KnownAddon addon, DottedVersion version, IReadOnlyList<Running> running, string? sufficient, MinorVersion target)
    {
        var who = $"{addon.Name} {version} in {Where(running)}";
        var (covering, newest, show) = (addon.Covering(version), addon.Releases[^1], Show(running));
        var isBeyond = covering == newest && !version.IsOfLine(newest.Version);
        var upTo = covering is null
            ? $"{who} is older than all that is known of it, which begins at {addon.Releases[0].Version}"
            : isBeyond
                ? $"{who} is newer than what is known of it: {newest.Version}, up to Kubernetes {newest.Kubernetes} ({newest.Evidence})"
                : $"{who} is known to work up to Kubernetes {covering.Kubernetes} ({covering.Evidence})";
        return (addon.Pinned, sufficient) switch
        {
            ({ } reason, _) => Finding.RefusesAsDecided($"{upTo}, and is pinned: {reason}", show),
            (_, { } to) => Finding.RefusesUntilActed($"{upTo}; for {target} upgrade it to {to}", show),
            _ when isBeyond || covering is null => Finding.RefusesUntilActed($"{upTo}; look up whether it works with {target}, and write it into the compatibility matrix", show),
            _ when addon.Releases.Any(release => release.Kubernetes >= target) => Finding.RefusesForNow($"{upTo}, and no later release of it is known to work with {target}", show),
            _ => Finding.RefusesForNow($"{upTo}, and no release of it is known to work with {target}", show),
        };
    }

    // What all that run can go to, and none of them down to; null where that is not known.
    private static string? Sufficient(KnownAddon addon, DottedVersion highest, MinorVersion target)
    {
        if (addon.Covering(highest) is { } covering && covering.Kubernetes >= target)
        {
            return $"{highest}, which runs too ({covering.Evidence})";
        }

        return addon.Releases.FirstOrDefault(release => release.Version > highest && release.Kubernetes >= target) is { } next
            ? $"{next.Version}{(addon.Releases.Any(release => release.Version > next.Version && release.Kubernetes < target) ? "" : " or later")} ({next.Evidence})"
            : null;
    }

    private static Finding Unread(KnownAddon addon, IReadOnlyList<Running> unread) => Finding.RefusesUntilActed(
        $"which version of {addon.Name} runs in {Where(unread)} can't be told from {string.Join(", ", unread.Select(each => each.Shown).Distinct(StringComparer.Ordinal))}; run it by a tag that is its version",
        Show(unread));

    private static string Where(IEnumerable<Running> running) => string.Join(", ", running.Select(each => each.Where).Distinct(StringComparer.Ordinal));

    private static string Show(IReadOnlyList<Running> running) =>
        $"kubectl -n {running[0].Where.Split('/')[0]} get pods -o custom-columns='POD:.metadata.name,IMAGES:.spec.containers[*].image,INIT:.spec.initContainers[*].image'";

    private sealed record Running(ImageName Image, DottedVersion? Version, string Where)
    {
        public string Shown => (Image.Tag, Image.IsPinned) switch
        {
            ("", true) => $"{Image.Repository} by digest",
            ("", false) => $"{Image.Repository} without a tag",
            var (tag, _) => $"{Image.Repository}:{tag}",
        };
    }
}
