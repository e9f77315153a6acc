using Stepper.Cluster.Versions;
using Stepper.Detection;

namespace Stepper.StepRunner;

/// <summary>
/// What a step was asked to do, by options or by the environment of its Job; an option wins. Made once, from text, at the edge. Null: not given; it is then
/// taken from the cluster.
/// </summary>
/// <param name="PodName">The pod that this process runs in; null when it is run by hand.</param>
/// <param name="NodeName">The node of that pod; null when it is run by hand.</param>
/// <param name="JobUid">The Job of that pod; null when it is run by hand, or by a template that does not say it.</param>
/// <param name="Spawns">False: the step alone, and no Job after it (<c>--no-spawn</c>).</param>
internal sealed record StepRequest(
    PhaseName Phase, string? Node, KubeVersion? Target, UpgradeKind? Kind, string? Image, string? PodName, string? NodeName, string? JobUid, bool Spawns)
{
    /// <summary>Reads a request. Null when something is wrong with it; each problem says what was given and what is right.</summary>
    /// <param name="given">By the names of the environment: <c>PHASE</c>, <c>TARGET_NODE</c>, <c>TARGET_VERSION</c>, <c>KIND</c>, <c>IMAGE</c>, <c>POD_NAME</c>, <c>NODE_NAME</c>, <c>JOB_UID</c>.</param>
    public static StepRequest? Read(IReadOnlyDictionary<string, string> given, bool spawns, ICollection<string> problems)
    {
        var phase = PhaseNames.Read(Value("PHASE"));
        if (phase is null)
        {
            problems.Add($"PHASE (--phase) is \"{Value("PHASE")}\"; one of preflight, master, worker, postflight is needed.");
        }

        KubeVersion? target = null;
        if (Value("TARGET_VERSION") is { } text)
        {
            target = KubeVersion.TryParse(text, out var version) ? version : null;
            if (target is null)
            {
                problems.Add($"TARGET_VERSION (--target-version) is \"{text}\"; a release such as 1.34.7 is needed.");
            }
        }

        var kind = PhaseNames.ReadKind(Value("KIND"));
        if (kind is null && Value("KIND") is { } other)
        {
            problems.Add($"KIND (--kind) is \"{other}\"; patch or minor is needed.");
        }

        if (phase is PhaseName.Worker && Value("TARGET_NODE") is null)
        {
            problems.Add("TARGET_NODE (--node) is empty; a worker step needs the name of the node that it upgrades.");
        }

        if (Value("POD_NAME") is not null)
        {
            // NODE_NAME too: by it a step knows that it does not drain the node that it runs on.
            foreach (var name in new[] { "TARGET_VERSION", "KIND", "IMAGE", "NODE_NAME" }.Where(name => Value(name) is null))
            {
                problems.Add($"{name} is empty; the Job of a step sets it (templates/job-template.yaml).");
            }
        }

        return problems.Count == 0
            ? new StepRequest(phase!.Value, Value("TARGET_NODE"), target, kind, Value("IMAGE"), Value("POD_NAME"), Value("NODE_NAME"), Value("JOB_UID"), spawns)
            : null;

        string? Value(string name) => given.TryGetValue(name, out var value) && value.Length > 0 ? value : null;
    }
}
