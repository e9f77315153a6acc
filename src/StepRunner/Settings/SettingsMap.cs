namespace Stepper.StepRunner.Settings;

/// <summary>
/// One map of a settings file. Each key is asked for once, with its kind and its default; <see cref="End"/> then knows which keys nobody asked for.
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
        if (given is not (null or MapNode or TextNode { Text: null }))
        {
            Problem(given.Line, $"{path}{key} is {given.Says}; a map of keys is needed");
        }

        return new SettingsMap(given as MapNode, $"{path}{key}.", problems);
    }

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

    private void Problem(int line, string text) => problems.Add(new SettingsProblem(line, text));
}

internal sealed record SettingsProblem(int Line, string Text);
