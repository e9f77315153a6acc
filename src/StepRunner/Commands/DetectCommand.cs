using System.CommandLine;

namespace Stepper.StepRunner.Commands;

/// <summary><c>stepper detect</c>: what CronJob k8s-version-check runs.</summary>
internal sealed class DetectCommand
{
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Say what would be done, and do none of it ($DETECTION_DRY_RUN=true)." };

    private readonly Option<bool> _resume = new("--resume") { Description = "Only take up again a run that has parked or stopped; look for nothing new." };

    public DetectCommand(ProcessInput input)
    {
        Command = new Command("detect", """
            Looks for a newer Kubernetes version and begins a chain to it. A run that has stopped is taken up again first; beside a run nothing is begun.

            Example:
              stepper detect --dry-run

            Exit codes: 0 done, whatever was found; 1 something could not be asked, or the chain could not be begun; 2 wrong use or configuration.
            """) { _dryRun, _resume, Session.ConfigOption() };
        Command.SetAction(async (parsed, ct) =>
        {
            var session = await Session.OpenOrTellAsync(input, parsed, [], request: null, (composition, wrong) => composition.TellDetectionAsync(wrong, ct));
            var dryRun = parsed.GetValue(_dryRun) || session.Settings.Detection.DryRun || input.Environment.GetValueOrDefault("DETECTION_DRY_RUN") == "true";
            return await session.Composition.DetectAsync(dryRun, parsed.GetValue(_resume), ct);
        });
    }

    public Command Command { get; }
}
