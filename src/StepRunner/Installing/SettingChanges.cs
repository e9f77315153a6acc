using Stepper.StepRunner.Settings;
using YamlDotNet.Core;

namespace Stepper.StepRunner.Installing;

/// <summary><c>--set key=value</c>: changes to a settings file, in the file's own words.</summary>
internal static class SettingChanges
{
    /// <summary>The text with the changes in it. Without a change it stays as it is, with its comments.</summary>
    /// <param name="text">Null: there is no file.</param>
    /// <param name="changes">Each <c>key=value</c>, the key dotted (<c>drain.budgets</c>), the value as it would stand in the file (<c>[a, b]</c> for a list).</param>
    /// <param name="problems">Gets what is wrong with each change by itself.</param>
    public static string? Make(string? text, IReadOnlyList<string> changes, ICollection<string> problems)
    {
        if (changes.Count == 0)
        {
            return text;
        }

        var root = SettingsTree.Read(text ?? "") as MapNode ?? Empty;
        foreach (var change in changes)
        {
            if (Read(change, problems) is var (keys, value))
            {
                _ = SettingsReader.Read(YamlText.Of(With(Empty, keys, value)), _ => $"--set {change}", problems);
                root = With(root, keys, value);
            }
        }

        return YamlText.Of(root);
    }

    private static MapNode Empty => new(0, []);

    private static (IReadOnlyList<string> Keys, SettingsNode Value)? Read(string change, ICollection<string> problems)
    {
        var keys = change.Split('=')[0].Split('.');
        if (!change.Contains('=', StringComparison.Ordinal) || keys.Any(key => !key.All(char.IsAsciiLetter) || key.Length == 0))
        {
            problems.Add($"--set {change}: a setting and its value are needed, such as --set drain.budgets=wait.");
            return null;
        }

        try
        {
            return (keys, SettingsTree.Read(change[(change.IndexOf('=', StringComparison.Ordinal) + 1)..]) ?? new TextNode(0, null));
        }
        catch (YamlException e)
        {
            problems.Add($"--set {change}: the value is no YAML that can be read: {e.Message}");
            return null;
        }
    }

    private static MapNode With(MapNode map, IReadOnlyList<string> keys, SettingsNode value)
    {
        var at = map.Entries.ToList().FindIndex(entry => entry.Key.Text == keys[0]);
        var changed = keys.Count == 1 ? value : With(at < 0 ? Empty : map.Entries[at].Value as MapNode ?? Empty, [.. keys.Skip(1)], value);
        var entry = KeyValuePair.Create(new TextNode(0, keys[0]), changed);
        return map with { Entries = at < 0 ? [.. map.Entries, entry] : [.. map.Entries.Take(at), entry, .. map.Entries.Skip(at + 1)] };
    }
}
