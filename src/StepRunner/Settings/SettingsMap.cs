namespace Stepper.StepRunner.Settings;

/// <summary>
/// One map of a file that an operator writes. Each key is asked for once, with its kind and its default; <see cref="End"/> then knows which keys nobody asked for.
/// What is wrong becomes a problem with its line, and the default stands in for it.
/// </summary>
/// <param name="node">Null where the file does not have this map.</param>
/// <param name="path">The dotted name of this map with a dot at its end; empty for the whole file.</param>
internal sealed class SettingsMap(MapNode? node, string path, ICollection<SettingsProblem> problems)
{
    private readonly List<string> _known = [];

    public T Value<T>(string key, SettingKind<T> kind, T byDefault) =>
        Find(key) is { } given ? Read(key, given, kind, byDefault) : byDefault;

    /// <summary>A value that may be left empty; null then.</summary>
    public T? OptionalValue<T>(string key, SettingKind<T> kind)
        where T : class =>
        Find(key) is { } given and not TextNode { Text: null } ? Read(key, given, kind, null!) : null;

    /// <summary>A value that must be there; the kind's default value stands in for one that is not.</summary>
    public T Needed<T>(string key, SettingKind<T> kind)
    {
        if (Find(key) is { } given)
        {
            return Read(key, given, kind, default!);
        }

        Missing($"{path}{key} is missing; {kind.Wanted} is needed");
        return default!;
    }

    /// <summary>A list that must be there, and have something in it.</summary>
    public IReadOnlyList<T> NeededList<T>(string key, SettingKind<T> kind)
    {
        var list = List(key, kind, []);
        if (node?.Entries.All(entry => entry.Key.Text != key || entry.Value is ListNode { Items.Count: 0 }) == true)
        {
            Missing($"{path}{key} is missing; a list is needed, and each of it {kind.Wanted}");
        }

        return list;
    }

    /// <summary>A list of maps; each of them is to be ended. Empty where there is none.</summary>
    public IReadOnlyList<SettingsMap> Maps(string key)
    {
        switch (Find(key))
        {
            case null or TextNode { Text: null }:
                return [];
            case ListNode list:
                return [.. list.Items.Select((item, index) => new SettingsMap(MapOf($"{key}[{index}]", item), $"{path}{key}[{index}].", problems))];
            case { } other:
                Problem(other.Line, $"{path}{key} is {other.Says}; a list is needed, and each of it a map of keys");
                return [];
        }
    }

    public IReadOnlyList<T> List<T>(string key, SettingKind<T> kind, IReadOnlyList<T> byDefault)
    {
        switch (Find(key))
        {
            case null:
                return byDefault;
            case ListNode list:
                return [.. list.Items.Select(item => Read(key, item, kind, default!))];
            case { } other:
                Problem(other.Line, $"{path}{key} is {other.Says}; a list is needed, and each of it {kind.Wanted}");
                return byDefault;
        }
    }

    public SettingsMap Group(string key)
    {
        var given = Find(key);
        return new SettingsMap(given is null or TextNode { Text: null } ? null : MapOf(key, given), $"{path}{key}.", problems);
    }

    /// <summary>Something is wrong with a value that can be read: what follows the key in the problem.</summary>
    public void Wrong(string key, string why) =>
        Problem(node?.Entries.FirstOrDefault(entry => entry.Key.Text == key).Value?.Line ?? node?.Line ?? 1, $"{path}{key} {why}");

    /// <summary>What stands under a key that may be a text or a list; null when it is absent.</summary>
    public SettingsNode? Find(string key)
    {
        _known.Add(key);
        return node?.Entries.FirstOrDefault(entry => entry.Key.Text == key).Value;
    }

    /// <summary>Every key has been asked for: the others are unknown.</summary>
    public void End()
    {
        foreach (var given in (node?.Entries ?? []).GroupBy(entry => entry.Key.Text!, entry => entry.Key, StringComparer.Ordinal))
        {
            foreach (var again in given.Skip(1))
            {
                Problem(again.Line, $"{path}{given.Key} is given again; it stands on line {given.First().Line} already");
            }

            if (!_known.Contains(given.Key, StringComparer.Ordinal))
            {
                Unknown(given.First());
            }
        }
    }

    private void Unknown(TextNode key)
    {
        var hint = NearestName.Of(key.Text!, _known) is { } near ? $"did you mean {path}{near}?" : $"known here are {string.Join(", ", _known)}";
        Problem(key.Line, $"unknown key {path}{key.Text}; {hint}");
    }

    private T Read<T>(string key, SettingsNode given, SettingKind<T> kind, T byDefault)
    {
        if (given is TextNode { Text: { } text } && kind.Read(text, out var value))
        {
            return value;
        }

        Problem(given.Line, $"{path}{key} is {(kind.IsSecret ? "wrong (and a secret, so not shown)" : given.Says)}; {kind.Wanted} is needed");
        return byDefault;
    }

    private MapNode? MapOf(string key, SettingsNode given)
    {
        if (given is MapNode map)
        {
            return map;
        }

        Problem(given.Line, $"{path}{key} is {given.Says}; a map of keys is needed");
        return null;
    }

    // Where there is no map, that was said.
    private void Missing(string text)
    {
        if (node is not null)
        {
            Problem(node.Line, text);
        }
    }

    private void Problem(int line, string text) => problems.Add(new SettingsProblem(line, text));
}

internal sealed record SettingsProblem(int Line, string Text);
