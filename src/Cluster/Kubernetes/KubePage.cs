using System.Text.Json.Serialization;

namespace Stepper.Cluster.Kubernetes;

/// <summary>A part of a list, as the server had it at one resourceVersion. Read in one go: a list may have thousands of objects.</summary>
internal sealed record KubePage<T>
{
    [JsonRequired]
    public PageMeta Metadata { get; set; } = new();

    /// <summary>The API may write an empty list as null.</summary>
    [JsonRequired]
    public IReadOnlyList<T> Items { get => field ?? []; set; }
}

internal sealed record PageMeta
{
    [JsonRequired]
    public string ResourceVersion { get => field ?? ""; set; }

    /// <summary>From where the next part goes on; null or empty in the last one.</summary>
    public string? Continue { get; set; }
}
