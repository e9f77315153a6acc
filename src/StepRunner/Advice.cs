using Stepper.StepRunner.Gates;
using Stepper.StepRunner.State;

namespace Stepper.StepRunner;

/// <summary>What a person can run after a step that aborted: to go on, to undo, to give up. Commands that work as they stand. Pure.</summary>
internal sealed class Advice(string ns, Annotations names)
{
    public string After(Step step) => $"{GoOn(step)}. {(step.Node is { } node ? $"{Undo(node)}. " : "")}{GiveUp}";

    private static string GoOn(Step step) => step.Phase switch
    {
        PhaseName.Preflight => $"Put it right, then: stepper start --target {step.Target}; or leave it to the next detection, which asks again",
        PhaseName.Postflight => "Put it right, then have it looked at again: stepper --phase postflight; the next detection only clears the run's record where all nodes are done, and looks at nothing else",
        _ => $"Put it right, then go on: stepper --phase {step.Phase.Text()}{(step.Phase is PhaseName.Worker ? $" --node {step.Node}" : "")}; or leave it to the next detection, which takes the run up again",
    };

    // The chain's mark goes with its cordon: a person's next cordon would be taken for the chain's.
    private string Undo(string node) => $"To use {node} as it is: kubectl uncordon {node}; kubectl annotate node {node} {names.Cordoned}-";

    // Without its record a run is begun anew by the next detection, since the cluster is half-way: what holds is the brake.
    private string GiveUp => $"To give up: kubectl -n {ns} create configmap {KillSwitchGate.Name} --from-literal=reason=WHY; nothing is begun until it is deleted";
}
