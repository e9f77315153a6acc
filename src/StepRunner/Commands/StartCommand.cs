using System.CommandLine;
using Stepper.Cluster.Versions;

namespace Stepper.StepRunner.Commands;

/// <summary><c>stepper start --target X.Y.Z</c>: begins a chain by hand.</summary>
internal sealed class StartCommand
{
    public StartCommand(ProcessInput input)
    {
        var target = TargetOption();
        Command = new Command("start", """
            Begins a chain to a version, now: makes its preflight Job, which asks all gates before anything is changed.

            Example:
              stepper start --target 1.34.7

            Exit codes: 0 begun, or there already; 1 it could not be begun; 2 wrong use, or a version that kubeadm can't go to.
            """) { target, Session.ConfigOption() };
        Command.SetAction((parsed, ct) =>
        {
            var problems = new List<string>();
            var version = ReadTarget(parsed.GetValue(target), problems);
            return Session.Open(input, parsed, problems).Composition.StartAsync(version, ct);
        });
    }

    public Command Command { get; }

    public static Option<string> TargetOption() => new("--target") { Description = "The version to reach.", HelpName = "X.Y.Z", Required = true };

    public static KubeVersion ReadTarget(string? text, ICollection<string> problems)
    {
        if (!KubeVersion.TryParse(text, out var version))
        {
            problems.Add($"--target is \"{text}\"; a release such as 1.34.7 is needed.");
        }

        return version;
    }
}
