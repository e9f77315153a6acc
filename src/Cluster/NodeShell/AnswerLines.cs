using System.Globalization;

namespace Stepper.Cluster.NodeShell;

/// <summary>An answer of lines, each of which begins with what it is.</summary>
/// <param name="who">Whose answer it is, for a person: followed by "answered".</param>
internal sealed class AnswerLines(string text, string who)
{
    private readonly List<string[]> _lines = [.. text.Split('\n').Select(line => line.Split(' ', 2))];

    public bool Has(string name) => _lines.Exists(line => line[0] == name);

    public string? Find(string name) => _lines.FirstOrDefault(line => line.Length == 2 && line[0] == name)?[1];

    /// <exception cref="SourceException">There is no such line.</exception>
    public string Get(string name) => Find(name) ?? throw Wrong(name);

    public IEnumerable<string> All(string name) => _lines.Where(line => line.Length == 2 && line[0] == name).Select(line => line[1]);

    /// <exception cref="SourceException">There is no such line, or what it says is no number.</exception>
    public long Number(string name) => long.TryParse(Get(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw Wrong(name);

    public SourceException Wrong(string name) => new($"{who} answered without a \"{name}\" that can be read: {SshFailure.Says(text)}");
}
