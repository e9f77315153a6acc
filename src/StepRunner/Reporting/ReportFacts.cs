using Stepper.Cluster.Nodes;
using Stepper.Detection;
using Stepper.StepRunner.Gates.Compatibility;
using Stepper.StepRunner.Spawning;
using Stepper.StepRunner.State;

namespace Stepper.StepRunner.Reporting;

/// <summary>What a report is made of. Each is null where it could not be read, which is then among <paramref name="Unread"/>.</summary>
/// <param name="Chain">The Jobs of all chains that are still there.</param>
/// <param name="Detections">The Jobs of detection that are still there and over.</param>
/// <param name="Choice">What detection finds; not asked for beside a run in flight.</param>
/// <param name="Plan">What the gates of a preflight to that target say; not asked for without a target.</param>
/// <param name="NextMinor">What the compatibility gate says of the newest release of the next minor; not asked for where that is the target, is not out, or not wanted.</param>
/// <param name="Unread">What could not be read, and why.</param>
internal sealed record ReportFacts(
    DateTimeOffset Now, IReadOnlyList<ClusterNode>? Nodes, Flight? Seen, IReadOnlyList<ChainJob>? Chain, IReadOnlyList<PastDetection>? Detections, TargetChoice? Choice,
    Plan? Plan, CompatibilityReport? NextMinor, IReadOnlyList<string> Unread);

/// <summary>A Job of detection that is over.</summary>
internal sealed record PastDetection(string Job, DateTimeOffset Ended, bool Failed);
