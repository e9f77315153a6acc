namespace Stepper.StepRunner.Settings;

/// <summary>
/// Settings that are read, but that nothing obeys yet. Given with another value than the default they are a problem: an operator who relies on one must not
/// learn during an upgrade that it was ignored.
/// </summary>
internal static class NotYetSupported
{
    private static readonly IReadOnlyList<(string Path, Func<StepperSettings, bool> IsDefault, string Instead)> Settings =
    [
        ("unknownAddons", settings => settings.UnknownAddons is Consequence.Warn, "only warn is possible"),
    ];

    /// <param name="root">The file that the settings were read from.</param>
    public static IEnumerable<SettingsProblem> Problems(StepperSettings settings, MapNode root) =>
        from setting in Settings
        where !setting.IsDefault(settings)
        select new SettingsProblem(LineOf(root, setting.Path.Split('.')), $"{setting.Path} is not supported by this version yet; {setting.Instead}");

    private static int LineOf(MapNode map, ReadOnlySpan<string> path)
    {
        var name = path[0];
        var (key, value) = map.Entries.First(entry => entry.Key.Text == name);
        return path.Length > 1 && value is MapNode inner ? LineOf(inner, path[1..]) : key.Line;
    }
}
