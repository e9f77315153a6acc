using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace Stepper.Repository.Tests.Monitoring;

/// <summary>A rule of <c>monitoring/alerts.yaml</c>.</summary>
/// <param name="Group">The rule group that it is in.</param>
/// <param name="For">How long its expression must hold before it fires, as <c>5m</c>; empty: it fires at once.</param>
/// <param name="Text">Its lines in the file.</param>
internal sealed partial record AlertRule(
    string Group, string Name, string Expression, string For, IReadOnlyDictionary<string, string> Labels, IReadOnlyDictionary<string, string> Annotations, string Text)
{
    public const string File = "monitoring/alerts.yaml";

    public static IReadOnlyList<AlertRule> All { get; } = [.. Read(WorkTree.Read(File))];

    public static IEnumerable<string> Names => All.Select(rule => rule.Name);

    public string TestFile => $"monitoring/tests/{Name}.yaml";

    public static AlertRule Named(string name) => All.Single(rule => rule.Name == name);

    /// <summary>A file of rules that has this one alone, with other lines in the place of its own.</summary>
    public string FileWith(string text) => $"groups:\n- name: {Group}\n  rules:\n{text}";

    private static IEnumerable<AlertRule> Read(string file)
    {
        var texts = StartOfRule().Split(file).Skip(1).ToList();
        var stream = new YamlStream();
        stream.Load(new StringReader(file));
        foreach (var group in (YamlSequenceNode)stream.Documents[0].RootNode["groups"])
        {
            foreach (var (rule, text) in ((YamlSequenceNode)group["rules"]).Zip(texts))
            {
                yield return new AlertRule(Value(group, "name"), Value(rule, "alert"), Value(rule, "expr"), Value(rule, "for"), Map(rule, "labels"), Map(rule, "annotations"), text);
            }
        }
    }

    private static string Value(YamlNode node, string key) => ((YamlMappingNode)node).Children.TryGetValue(key, out var value) ? value.ToString() : "";

    private static Dictionary<string, string> Map(YamlNode node, string key) =>
        ((YamlMappingNode)node[key]).ToDictionary(pair => pair.Key.ToString(), pair => pair.Value.ToString(), StringComparer.Ordinal);

    [GeneratedRegex(@"(?=^  - alert:)", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex StartOfRule();
}
