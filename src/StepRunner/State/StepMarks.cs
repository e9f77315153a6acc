using System.Text.Json.Nodes;
using Stepper.Cluster;
using Stepper.Cluster.Kubernetes;
using Stepper.Cluster.Nodes;

namespace Stepper.StepRunner.State;

/// <summary>
/// When a step of the chain was at work on a node, written on the node: the Ready changes of that time are the chain's own, and the quiet gate does not count them.
/// </summary>
internal sealed class StepMarks(Annotations names, Wait wait)
{
    // What a kubelet's restart may still cause after its step has ended.
    private static readonly TimeSpan After = TimeSpan.FromMinutes(15);

    /// <summary>Adds the beginning to what is written on a node. A retry leaves the first try's beginning, and what the node ran before it.</summary>
    public void Begin(ClusterNode node, Run run, JsonObject annotations)
    {
        if (node.Annotation(names.Cordoned) != run.ToString() && node.Annotation(names.CordonedBefore) != run.ToString())
        {
            annotations[names.StepBegan] = Now();
            annotations[names.StepEnded] = null;
            annotations[names.From] = node.Kubelet.ToString();
        }
    }

    public void End(JsonObject annotations) => annotations[names.StepEnded] = Now();

    /// <summary>Whether a change at this time falls into a step's work on the node. What was begun and never ended goes on: its step was killed.</summary>
    public bool Covers(ClusterNode node, DateTimeOffset change) =>
        Time(node, names.StepBegan) is { } began && change >= began && (Time(node, names.StepEnded) is not { } ended || change <= ended + After);

    /// <summary>Whether a step of this run was at work on the node.</summary>
    public bool BeganIn(ClusterNode node, Run run) => Time(node, names.StepBegan) >= run.Start;

    /// <summary>How long the node was in the hands of this run's step; null when no step of it was there, or it has not ended.</summary>
    public TimeSpan? Took(ClusterNode node, Run run) => BeganIn(node, run) ? Time(node, names.StepEnded) - Time(node, names.StepBegan) : null;

    /// <summary>Whether a step on the node ended so short a time ago.</summary>
    public bool EndedWithin(ClusterNode node, TimeSpan length) => Time(node, names.StepEnded) is { } ended && wait.Now - ended < length;

    private static DateTimeOffset? Time(ClusterNode node, string name) => KubeTime.Find(node.Node.Metadata.Annotations, name, $"node {node.Name}");

    private string Now() => KubeTime.Text(wait.Now);
}
