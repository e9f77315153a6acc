using System.Text.Json.Nodes;
using Stepper.Cluster.Versions;

namespace Stepper.Simulation.Shapes;

/// <summary>What a simulated cluster is made of when its story begins.</summary>
public sealed record ClusterShape
{
    public required IReadOnlyList<NodeShape> Nodes { get; init; }

    /// <summary>What is made in it, in this order: namespaces first. Controllers make the rest of it before the story begins.</summary>
    public IReadOnlyList<JsonObject> Objects { get; init; } = [];

    /// <summary>The releases that the package source offers, and since when.</summary>
    public IReadOnlyList<(KubeVersion Release, DateTimeOffset Published)> Releases { get; init; } = [];

    public ClusterShape With(params IEnumerable<JsonObject> objects) => this with { Objects = [.. Objects, .. objects] };

    /// <summary>With what a text of YAML describes, such as the project's own installation.</summary>
    public ClusterShape WithYaml(params IEnumerable<string> texts) => With(texts.SelectMany(YamlObjects.Read));

    public ClusterShape Change(string node, Func<NodeShape, NodeShape> change) =>
        this with { Nodes = [.. Nodes.Select(each => each.Name == node ? change(each) : each)] };
}

/// <summary>A node when the story begins.</summary>
public sealed record NodeShape(string Name, KubeVersion Version)
{
    public bool IsControlPlane { get; init; }

    /// <summary>Its label <c>kubernetes.io/hostname</c>; null: as its name.</summary>
    public string? HostnameLabel { get; init; }

    /// <summary>Null: the next free one of 10.0.0.0/16.</summary>
    public string? Address { get; init; }

    public string Containerd { get; init; } = "1.7.24";

    public string Cpu { get; init; } = "8";

    public string Memory { get; init; } = "32Gi";

    public int Pods { get; init; } = 110;

    /// <summary>Further taints, as <c>nvidia.com/gpu=true:NoSchedule</c>.</summary>
    public IReadOnlyList<string> Taints { get; init; } = [];

    /// <summary>Flags of its static pods besides kubeadm's own, by component.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> ComponentFlags { get; init; } = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);

    /// <summary>Cordoned by a person.</summary>
    public bool IsCordoned { get; init; }

    /// <summary>Dead since before the story began.</summary>
    public bool IsDead { get; init; }

    /// <summary>The kubelet that runs, where it is another than <see cref="Version"/>.</summary>
    public KubeVersion? Kubelet { get; init; }

    /// <summary>When its condition Ready changed last, before the story begins.</summary>
    public TimeSpan ReadySince { get; init; } = TimeSpan.FromDays(9);
}
