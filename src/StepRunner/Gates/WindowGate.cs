namespace Stepper.StepRunner.Gates;

/// <summary>The window is open. It opens by itself, so it refuses and never aborts.</summary>
internal sealed class WindowGate(Window window, string ns) : IGate
{
    public string Condition => "the window to be open";

    public string Show => $"kubectl -n {ns} get configmap k8s-upgrade-config -o yaml";

    public Task<Verdict> CheckAsync(GateFacts facts, CancellationToken ct) =>
        Task.FromResult(window.ShutUntil is { } until ? Verdict.Of(Finding.RefusesForNow(window.WhyShut(until), Show)) : Verdict.Holds);
}
