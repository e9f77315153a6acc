using System.Text;
using YamlDotNet.RepresentationModel;

namespace Stepper.Cluster.Kubernetes.Authentication;

/// <summary>A cluster, user or context of a kubeconfig, with the file that it stands in.</summary>
internal sealed class KubeConfigEntry(string file, string kind, string name, YamlMappingNode fields)
{
    public string Where => $"kubeconfig {file}, {kind} \"{name}\"";

    public KubeConfigException Wrong(string what) => new($"{Where}: {what}");

    /// <summary>Null where the field is absent or empty.</summary>
    public string? Text(string field) => TextOf(fields, field);

    public string Required(string field) => Text(field) ?? throw Wrong($"there is no {field}");

    public bool IsTrue(string field) => string.Equals(Text(field), "true", StringComparison.OrdinalIgnoreCase);

    /// <summary>What stands in <c>field-data</c> as base64, else what is in the file that <c>field</c> names; null where there is neither.</summary>
    public string? Content(string field)
    {
        if (Text(field + "-data") is { } data)
        {
            try
            {
                return Encoding.UTF8.GetString(Convert.FromBase64String(data));
            }
            catch (FormatException)
            {
                throw Wrong($"{field}-data is no base64");
            }
        }

        if (Text(field) is not { } path)
        {
            return null;
        }

        try
        {
            return File.ReadAllText(Resolved(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Wrong($"{field} {Resolved(path)} can't be read: {e.Message}");
        }
    }

    /// <summary>A path is relative to its kubeconfig.</summary>
    public string Resolved(string path) => Path.Combine(Path.GetDirectoryName(Path.GetFullPath(file))!, path);

    public KubeConfigEntry? Part(string field) => Child(fields, field) is YamlMappingNode part ? new KubeConfigEntry(file, kind, name, part) : null;

    public IReadOnlyList<string> Texts(string field) =>
        Child(fields, field) is YamlSequenceNode list ? [.. list.OfType<YamlScalarNode>().Select(item => item.Value ?? "")] : [];

    /// <summary>A list of <c>name</c> and <c>value</c>; of a name that stands there twice, the last.</summary>
    public IReadOnlyDictionary<string, string> Pairs(string field)
    {
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in Child(fields, field) is YamlSequenceNode list ? list.OfType<YamlMappingNode>() : [])
        {
            pairs[TextOf(pair, "name") ?? throw Wrong($"an entry of {field} has no name")] = TextOf(pair, "value") ?? "";
        }

        return pairs;
    }

    internal static string? TextOf(YamlMappingNode node, string field) =>
        Child(node, field) is YamlScalarNode { Value: { Length: > 0 } value } && value is not "null" and not "~" ? value : null;

    internal static YamlNode? Child(YamlMappingNode node, string field) => node.Children.TryGetValue(new YamlScalarNode(field), out var child) ? child : null;
}
