using System.Globalization;

namespace Stepper.Cluster.NodeShell;

/// <summary>
/// Reads what <c>survey.sh</c> prints. Strict: a line that is not understood, one that is missing or one too many is an error of the whole answer, since what
/// can't be read is never fine.
/// </summary>
internal static class SurveyAnswer
{
    /// <exception cref="SourceException">Not the answer that was asked for.</exception>
    public static NodeSurvey Read(string text, string node)
    {
        var survey = new NodeSurvey("", [], DateTimeOffset.MinValue);
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        HashSet<string> once = new(StringComparer.Ordinal);
        foreach (var line in lines)
        {
            survey = With(survey, line, once) ?? throw new SourceException($"{node} answered \"{SshFailure.Says(line)}\" when it was surveyed, which can't be read");
        }

        var uses = survey.Places.Select(place => place.Use).ToHashSet();
        var missing = NeededLines(survey).Where(name => !once.Contains(name)).Concat(NeededPlaces(survey).Where(use => !uses.Contains(use)).Select(use => $"place {use}"))
            .FirstOrDefault();
        return missing is null ? survey : throw new SourceException($"{node} was surveyed and answered without \"{missing}\": {SshFailure.Says(text)}");
    }

    private static IEnumerable<string> NeededLines(NodeSurvey survey) =>
        survey.Places.Any(place => place.Use is DiskUse.Etcd) ? ["os", "clock", "etcd-data", "scratch"] : ["os", "clock"];

    private static IEnumerable<DiskUse> NeededPlaces(NodeSurvey survey) => survey.MissingTools.Count > 0 ? [] : Enum.GetValues<DiskUse>().Where(use => use is not DiskUse.Etcd);

    // Null: can't be read.
    private static NodeSurvey? With(NodeSurvey survey, string line, HashSet<string> once)
    {
        var words = line.Split(' ', 2);
        return words switch
        {
            ["os", var name] when once.Add("os") => survey with { Os = name },
            ["missing", var tool] => survey with { MissingTools = [.. survey.MissingTools, tool] },
            ["clock", var seconds] when Time(seconds) is { } clock && once.Add("clock") => survey with { Clock = clock },
            ["package", var rest] when Package(rest) is { } package => survey with { Packages = [.. survey.Packages, package] },
            ["offered", var package] => survey with { Offered = [.. survey.Offered, package] },
            ["unasked", var why] => survey with { RepositoryProblem = why },
            ["lock", var rest] when Lock(rest) is { } held => survey with { Locks = [.. survey.Locks, held] },
            ["etcd-data", var bytes] when Number(bytes) is { } size && once.Add("etcd-data") => survey with { EtcdBytes = size },
            ["scratch", var bytes] when Number(bytes) is { } size && once.Add("scratch") => survey with { ScratchBytes = size },
            ["place", var rest] when Place(rest) is { } place && survey.Places.All(each => each.Use != place.Use) => survey with { Places = [.. survey.Places, place] },
            _ => null,
        };
    }

    private static SurveyedPackage? Package(string text) =>
        text.Split(' ') is [var name, var version, ("held" or "free") and var hold] ? new SurveyedPackage(name, version, hold == "held") : null;

    private static PackageLock? Lock(string text) => text.Split(' ', 5) switch
    {
        [var file] => new PackageLock(file, null),
        [var file, var pid, var since, var unit, var name] when Number(pid) is (> 0 and <= int.MaxValue) and { } id && Time(since) is { } started =>
            new PackageLock(file, new LockHolder((int)id, started, unit == "-" ? null : unit, name)),
        _ => null,
    };

    private static DiskPlace? Place(string text) =>
        text.Split(' ', 8) is [var use, var fileSystem, ("rw" or "ro") and var may, var free, var inodes, var freeInodes, ['/', ..] and var path, ['/', ..] and var mount]
            && Enum.TryParse<DiskUse>(use, ignoreCase: true, out var known) && !char.IsDigit(use[0])
            && Number(free) is { } bytes && Number(inodes) is { } all && Number(freeInodes) is { } left
            ? new DiskPlace(known, path, fileSystem, mount, may == "rw", bytes, all, left)
            : null;

    private static DateTimeOffset? Time(string seconds) =>
        Number(seconds) is { } number && number <= DateTimeOffset.MaxValue.ToUnixTimeSeconds() ? DateTimeOffset.FromUnixTimeSeconds(number) : null;

    private static long? Number(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
