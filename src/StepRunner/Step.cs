using System.Globalization;
using Stepper.Cluster.Kubernetes;
using Stepper.Cluster.Versions;
using Stepper.Detection;

namespace Stepper.StepRunner;

/// <summary>One attempt at one target, from its preflight to its end.</summary>
/// <param name="Start">When its preflight Job was made; whole seconds, UTC.</param>
internal sealed record Run(KubeVersion Target, DateTimeOffset Start)
{
    /// <summary>As the annotation has it: RFC 3339, seconds.</summary>
    public string StartText => KubeTime.Text(Start);

    /// <summary>A run that begins now.</summary>
    public static Run Beginning(KubeVersion target, DateTimeOffset now) => new(target, DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds()));

    /// <summary>Reads <c>1.34.7/2026-11-22T12:00:00Z</c>; null when it is not of that form.</summary>
    public static Run? Read(string? text) => text?.Split('/') is [var target, var start] ? Read(target, start) : null;

    /// <summary>Reads a run from its two parts; null when one is missing or not of its form.</summary>
    public static Run? Read(string? target, string? start) =>
        KubeVersion.TryParse(target, out var version)
        && DateTimeOffset.TryParseExact(start, KubeTime.Format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? new Run(version, time)
            : null;

    /// <summary>By which it is known: <c>target/start</c>.</summary>
    public override string ToString() => $"{Target}/{StartText}";
}

/// <summary>A phase with the node that it works on: what one chain Job does.</summary>
/// <param name="Node">The node that a <c>master</c> or <c>worker</c> step upgrades; null for the two others.</param>
/// <param name="Image">The image of stepper, which the next Job gets too.</param>
internal sealed record Step(PhaseName Phase, string? Node, Run Run, UpgradeKind Kind, string Image)
{
    /// <summary>The stopped run whose place a preflight takes; null where none was in flight when it was begun.</summary>
    public Run? TakesOver { get; init; }

    public KubeVersion Target => Run.Target;

    /// <summary>The node of a step that has one.</summary>
    public string NodeName => Node ?? throw new InvalidOperationException($"A {Phase} step has no node.");

    /// <summary>As a person reads it: <c>worker k8s-node3</c>.</summary>
    public string Title => (Phase.Text() + " " + (Phase is PhaseName.Worker ? Node : "")).TrimEnd();
}

internal static class PhaseNames
{
    /// <summary>As in <c>$PHASE</c>, Job names and labels.</summary>
    public static string Text(this PhaseName phase) => phase switch
    {
        PhaseName.Preflight => "preflight",
        PhaseName.Master => "master",
        PhaseName.Worker => "worker",
        PhaseName.Postflight => "postflight",
        _ => throw new ArgumentOutOfRangeException(nameof(phase), phase, "No such phase."),
    };

    public static PhaseName? Read(string? text) => Enum.GetValues<PhaseName>().Cast<PhaseName?>().FirstOrDefault(phase => phase!.Value.Text() == text);

    /// <param name="running">The oldest kubelet.</param>
    public static UpgradeKind KindOf(KubeVersion running, KubeVersion target) => running.Line < target.Line ? UpgradeKind.Minor : UpgradeKind.Patch;

    public static string Text(this UpgradeKind kind) => kind is UpgradeKind.Patch ? "patch" : "minor";

    public static UpgradeKind? ReadKind(string? text) => text switch { "patch" => UpgradeKind.Patch, "minor" => UpgradeKind.Minor, _ => null };
}
