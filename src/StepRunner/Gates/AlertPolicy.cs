using Stepper.Cluster.Monitoring;
using Stepper.StepRunner.Settings;

namespace Stepper.StepRunner.Gates;

/// <summary>Which firing alerts stop a phase. Pure.</summary>
internal sealed class AlertPolicy(AlertSettings settings)
{
    private const string AnySeverity = "*";
    private const string OwnGroup = "Upgrade Gates";
    private const string RecentNodeReboot = "RecentNodeReboot";

    public BlockingAlerts Judge(PhaseName phase, IReadOnlyList<Alert> firing)
    {
        var counted = firing.Where(alert => Counts(phase, alert)).ToList();
        var refusing = counted.Where(alert => phase == PhaseName.Preflight && IsNamed(alert)).ToList();
        return new BlockingAlerts([.. counted.Except(refusing).Where(HasBlockingSeverity)], refusing);
    }

    private bool Counts(PhaseName phase, Alert alert) =>
        alert.Name is not ("Watchdog" or "InfoInhibitor")
        && (alert.Group != OwnGroup || CountsThoughOwn(phase, alert))
        && !settings.Ignore.Any(pattern => pattern.IsMatch(alert.Name));

    // The chain's own alerts must not block its repair. A reboot is news to a preflight; after that the chain itself causes it.
    private static bool CountsThoughOwn(PhaseName phase, Alert alert) => alert.Name == RecentNodeReboot && phase == PhaseName.Preflight;

    private bool HasBlockingSeverity(Alert alert) =>
        settings.Severities.Contains(AnySeverity, StringComparer.Ordinal)
        || (alert.Severity is { } severity && settings.Severities.Contains(severity, StringComparer.Ordinal));

    private bool IsNamed(Alert alert) => settings.Names.Contains(alert.Name, StringComparer.Ordinal);
}

/// <param name="Aborting">Blocks by its severity.</param>
/// <param name="Refusing">Blocks by its name, whatever its severity, which is a refusal.</param>
internal sealed record BlockingAlerts(IReadOnlyList<Alert> Aborting, IReadOnlyList<Alert> Refusing)
{
    /// <summary>Would block, and a person has silenced it.</summary>
    public IReadOnlyList<Alert> Silenced { get; private init; } = [];

    public bool None => Aborting.Count == 0 && Refusing.Count == 0;

    public BlockingAlerts Without(IReadOnlyList<Alert> silenced) => new([.. Aborting.Except(silenced)], [.. Refusing.Except(silenced)]) { Silenced = silenced };
}
