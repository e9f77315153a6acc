using Stepper.Cluster.Kubernetes.Objects;
using Stepper.Cluster.Nodes;
using Stepper.Cluster.Versions;
using Stepper.Detection;
using Stepper.StepRunner.Spawning;
using Stepper.StepRunner.State;

namespace Stepper.StepRunner.Tests;

/// <summary>The things that the facts are about, with the parts that a fact names.</summary>
internal static class Given
{
    public const string Image = "registry.local/stepper:1.0.0";

    public static readonly DateTimeOffset Noon = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    public static readonly KubeVersion Running = new(1, 34, 2);

    public static readonly KubeVersion Target = new(1, 34, 7);

    public static readonly Run Run = new(Target, Noon);

    public static readonly Annotations Names = new("viktorbarzin.me");

    public static Step Step(PhaseName phase, string? node = null) => new(phase, node, Run, UpgradeKind.Patch, Image);

    public static ChainNode Worker(string name, bool isDone = false) => new(name, IsControlPlane: false, isDone);

    public static ChainNode Master(string name = "k8s-master", bool isDone = false) => new(name, IsControlPlane: true, isDone);

    /// <param name="taints">As <c>key=value:Effect</c> or <c>key:Effect</c>.</param>
    public static ClusterNode Node(
        string name, bool isControlPlane = false, bool isReady = true, bool isCordoned = false, string? hostname = "", KubeVersion? kubelet = null,
        IReadOnlyDictionary<string, string>? annotations = null, params IReadOnlyList<string> taints)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        if (hostname is not null)
        {
            labels[ClusterNode.HostnameLabel] = hostname.Length == 0 ? name : hostname;
        }

        if (isControlPlane)
        {
            labels[ClusterNode.ControlPlaneLabel] = "";
        }

        return new ClusterNode(
            new Node
            {
                Metadata = new ObjectMeta { Name = name, Labels = labels, Annotations = annotations ?? new Dictionary<string, string>(StringComparer.Ordinal) },
                Spec = new NodeSpec { Unschedulable = isCordoned, Taints = [.. taints.Select(Taint)] },
                Status = new NodeStatus
                {
                    Conditions = [new Condition { Type = "Ready", Status = isReady ? "True" : "False", Message = isReady ? null : "the kubelet stopped posting", LastTransitionTime = Noon.AddDays(-9) }],
                },
            },
            kubelet ?? Running);
    }

    public static ChainJob Job(
        Step step, JobState state = JobState.Active, EndKind? outcome = null, Run? run = null, string? failure = null, DateTimeOffset? failedAt = null) =>
        new(JobName.Of(step), "uid", step.Phase, step.Target.Dashed, step.Node is null ? null : DnsLabel.Of(step.Node), run ?? step.Run, outcome, state, Host: null, failure, Made: default, FailedPods: 0, failedAt, TakesOver: null, Deadline: null);

    private static Taint Taint(string text)
    {
        var (front, effect) = (text.Split(':')[0], text.Split(':')[1]);
        return front.Split('=') is [var key, var value] ? new Taint { Key = key, Value = value, Effect = effect } : new Taint { Key = front, Effect = effect };
    }
}
