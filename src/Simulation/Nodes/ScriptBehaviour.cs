namespace Stepper.Simulation.Nodes;

/// <summary>How a node's script goes: how long its stages take, and where it fails.</summary>
public sealed record ScriptBehaviour
{
    private static readonly Dictionary<string, TimeSpan> Usual = new(StringComparer.Ordinal)
    {
        ["source"] = TimeSpan.FromSeconds(6),
        ["kubeadm"] = TimeSpan.FromSeconds(12),
        ["plan"] = TimeSpan.FromSeconds(15),
        ["apply"] = TimeSpan.FromSeconds(160),
        ["node"] = TimeSpan.FromSeconds(20),
        ["kubelet"] = TimeSpan.FromSeconds(35),
        ["hold"] = TimeSpan.FromSeconds(2),
        ["restart"] = TimeSpan.FromSeconds(8),
        ["done"] = TimeSpan.FromSeconds(1),
    };

    /// <summary>The stage in which the next runs fail; null for none. It fails at the end of the stage, before the stage has changed anything.</summary>
    public string? FailsAt { get; init; }

    /// <summary>How many runs fail there before one does not.</summary>
    public int FailsTimes { get; init; } = int.MaxValue;

    /// <summary>What it says then, before it ends with exit code 1.</summary>
    public string FailsWith { get; init; } = "E: Sub-process /usr/bin/dpkg returned an error code (1)";

    /// <summary>How long the API server of this node is away in the middle of <c>apply</c> or, on another control-plane node, <c>node</c>.</summary>
    public TimeSpan ApiServerAway { get; init; } = TimeSpan.FromSeconds(25);

    /// <summary>Stages that take another time than usual.</summary>
    public IReadOnlyDictionary<string, TimeSpan> Durations { get; init; } = new Dictionary<string, TimeSpan>(StringComparer.Ordinal);

    public TimeSpan DurationOf(string stage) => Durations.TryGetValue(stage, out var own) ? own : Usual[stage];
}
