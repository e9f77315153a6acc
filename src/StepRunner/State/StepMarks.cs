using System.Text.Json.Nodes;
using Stepper.Cluster;
using Stepper.Cluster.Kubernetes;
using Stepper.Cluster.Nodes;

namespace Stepper.StepRunner.State;

/// <summary>
/// When a step of the chain was at work on a node, written on the node: the Ready changes of that time are the chain's own, and the quiet gate does not count them.
/// </summary>
/// <param name="pod">The pod of this step; null for one by hand.</param>
internal sealed class StepMarks(Annotations names, Wait wait, string? pod = null)
{
    private const string ByHand = "by hand";

    // What a kubelet's restart may still cause after its step has ended.
    private static readonly TimeSpan After = TimeSpan.FromMinutes(15);

    // A step that was killed has written no end. No step works longer than this.
    private static readonly TimeSpan AtMost = TimeSpan.FromHours(6);

    /// <summary>Adds the beginning to what is written on a node. A retry leaves the first try's beginning, and what the node ran before it.</summary>
    public void Begin(ClusterNode node, Run run, JsonObject annotations)
    {
        annotations[names.StepEnded] = null;
        annotations[names.StepBy] = pod ?? ByHand;
        if (node.Annotation(names.Cordoned) != run.ToString() && node.Annotation(names.CordonedBefore) != run.ToString())
        {
            annotations[names.StepBegan] = Now();
            annotations[names.From] = node.Kubelet.ToString();
        }
    }

    public void End(JsonObject annotations) => annotations[names.StepEnded] = Now();

    /// <summary>Whether the end of the last step on the node is written there.</summary>
    public bool HasEnded(ClusterNode node) => Time(node, names.StepEnded) is not null;

    /// <summary>Whether a step may be at work on the node: it has begun, has not ended, and not so long ago that it must have been killed.</summary>
    public bool MayBeAtWork(ClusterNode node) => !HasEnded(node) && Time(node, names.StepBegan) is { } began && wait.Now - began < AtMost;

    /// <summary>Whether the last step on the node was one by hand: no Job tells whether it lives.</summary>
    public bool IsByHand(ClusterNode node) => node.Annotation(names.StepBy) == ByHand;

    /// <summary>Since when a step has been at work on the node, and whose: follows a verb; empty where nothing is known.</summary>
    public string InWords(ClusterNode node) =>
        (Time(node, names.StepBegan) is { } began ? $" since {began.UtcDateTime:yyyy-MM-dd HH:mm} UTC" : "")
        + (node.Annotation(names.StepBy) is not { } by ? "" : by == ByHand ? ", by hand" : $", by pod {by}");

    /// <summary>Whether a change at this time falls into a step's work on the node.</summary>
    public bool Covers(ClusterNode node, DateTimeOffset change) =>
        Time(node, names.StepBegan) is { } began && change >= began && change <= (Time(node, names.StepEnded) ?? began + AtMost) + After;

    /// <summary>Whether the chain was ever at work on the node.</summary>
    public bool EverBegan(ClusterNode node) => Time(node, names.StepBegan) is not null;

    /// <summary>Whether a step of this run was at work on the node.</summary>
    public bool BeganIn(ClusterNode node, Run run) => Time(node, names.StepBegan) >= run.Start;

    /// <summary>How long the node was in the hands of this run's step; null when no step of it was there, or it has not ended.</summary>
    public TimeSpan? Took(ClusterNode node, Run run) => BeganIn(node, run) ? Time(node, names.StepEnded) - Time(node, names.StepBegan) : null;

    private static DateTimeOffset? Time(ClusterNode node, string name) => KubeTime.Find(node.Node.Metadata.Annotations, name, $"node {node.Name}");

    private string Now() => KubeTime.Text(wait.Now);
}
