using Stepper.StepRunner.Settings;

namespace Stepper.StepRunner.Gates.Compatibility;

/// <summary>Makes a matrix of <c>compat.yaml</c>, or says all that is wrong with it at once.</summary>
internal static class MatrixReader
{
    /// <param name="fileName">Stands before the line in each problem.</param>
    /// <param name="problems">Gets all problems, ordered by their line.</param>
    /// <returns>Null when there is a problem.</returns>
    public static CompatibilityMatrix? Read(string yaml, string fileName, ICollection<string> problems)
    {
        List<SettingsProblem> found = [];
        var root = SettingsTree.ReadMap(yaml, "the compatibility matrix is", found);
        if (root is null && found.Count == 0)
        {
            found.Add(new SettingsProblem(1, "the compatibility matrix is empty: nothing could be told by it"));
        }

        var matrix = Root(new SettingsMap(root, "", found));
        foreach (var problem in found.OrderBy(problem => problem.Line))
        {
            problems.Add($"{fileName}:{problem.Line}: {problem.Text}");
        }

        return found.Count == 0 ? matrix : null;
    }

    private static CompatibilityMatrix Root(SettingsMap map)
    {
        var matrix = new CompatibilityMatrix(Addons(map.Maps("addons")), [.. map.Maps("runtimes").Select(Runtime)], Removed(map.Group("removed")));
        map.End();
        return matrix;
    }

    private static List<KnownAddon> Addons(IReadOnlyList<SettingsMap> maps)
    {
        List<KnownAddon> addons = [];
        foreach (var map in maps)
        {
            var addon = new KnownAddon(
                map.Needed("name", SettingKind.Word), map.NeededList("images", MatrixKinds.Image), map.OptionalValue("pinned", MatrixKinds.Said), [.. map.Maps("releases").Select(Release)]);
            if (addons.Exists(other => other.Name == addon.Name && addon.Name is not null))
            {
                map.Wrong("name", $"is \"{addon.Name}\", as that of an addon before it");
            }

            if (addons.Find(other => other.Images.Intersect(addon.Images, StringComparer.Ordinal).Any()) is { } same)
            {
                map.Wrong("images", $"has one that {same.Name} has too; whose version its tag is could not be told");
            }

            if (addon.Releases.Count == 0)
            {
                map.Wrong("releases", "has none; at least one is needed");
            }

            if (addon.Releases.Zip(addon.Releases.Skip(1)).Any(pair => pair.First.Version is { } one && pair.Second.Version is { } next && one >= next))
            {
                map.Wrong("releases", "is not in ascending order of its versions");
            }

            map.End();
            addons.Add(addon);
        }

        return addons;
    }

    private static AddonRelease Release(SettingsMap map) =>
        Ended(map, new AddonRelease(map.Needed("version", MatrixKinds.Version), map.Needed("kubernetes", SettingKind.ReleaseLine), From(map)));

    private static RuntimeFloor Runtime(SettingsMap map) => Ended(map, new RuntimeFloor(
        map.Needed("runtime", SettingKind.Word), map.Needed("kubernetes", SettingKind.ReleaseLine), map.Needed("minimum", MatrixKinds.Version), From(map)));

    private static Removals Removed(SettingsMap map)
    {
        var removed = new Removals(
            [.. map.Maps("apis").Select(Api)], [.. map.Maps("flags").Select(Flag)], [.. map.Maps("featureGates").Select(FeatureGate)],
            [.. map.Maps("admissionPlugins").Select(Plugin)], [.. map.Maps("kubeletConfiguration").Select(Field)]);
        map.End();
        return removed;
    }

    private static RemovedApi Api(SettingsMap map)
    {
        var api = map.Needed("api", MatrixKinds.Api) ?? new ApiName("", "");
        return Ended(map, new RemovedApi(
            api.Group, api.Version, map.Needed("resource", MatrixKinds.Plural), map.Needed("in", SettingKind.ReleaseLine), map.OptionalValue("instead", SettingKind.Word), From(map)));
    }

    private static RemovedFlag Flag(SettingsMap map) => Ended(map, new RemovedFlag(
        map.Needed("component", MatrixKinds.Component), map.Needed("flag", MatrixKinds.Flag), map.Needed("in", SettingKind.ReleaseLine),
        map.Value("kubeadmRemoves", SettingKind.Flag, byDefault: false), From(map)));

    private static RemovedFeatureGate FeatureGate(SettingsMap map) => Ended(map, new RemovedFeatureGate(
        map.Needed("name", SettingKind.Word), map.Needed("in", SettingKind.ReleaseLine), map.List("components", MatrixKinds.Component, []), From(map)));

    private static RemovedPlugin Plugin(SettingsMap map) =>
        Ended(map, new RemovedPlugin(map.Needed("name", SettingKind.Word), map.Needed("in", SettingKind.ReleaseLine), From(map)));

    private static RemovedField Field(SettingsMap map) => Ended(map, new RemovedField(
        map.Needed("field", MatrixKinds.Field), map.OptionalValue("value", MatrixKinds.Said), map.Needed("in", SettingKind.ReleaseLine), From(map)));

    // No source, no line.
    private static Evidence From(SettingsMap map) => new(map.Needed("source", MatrixKinds.Source), map.Needed("read", MatrixKinds.Date), map.Needed("fact", MatrixKinds.Said));

    private static T Ended<T>(SettingsMap map, T entry)
    {
        map.End();
        return entry;
    }
}
