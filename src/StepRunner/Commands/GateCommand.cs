using System.CommandLine;

namespace Stepper.StepRunner.Commands;

/// <summary><c>stepper gate --target X.Y.Z</c>: whether what runs in the cluster works with a version.</summary>
internal sealed class GateCommand
{
    private readonly Option<string> _target = StartCommand.TargetOption();

    private readonly Option<string?> _matrix = new("--matrix")
    {
        Description = "A compatibility matrix to ask by, such as one that is still to be applied. Default: /compat/compat.yaml, else the shipped one.",
        HelpName = "FILE",
    };

    private readonly Option<string> _output = OutputForm.NewOption();

    public GateCommand(ProcessInput input)
    {
        Command = new Command("gate", """
            Asks whether what runs in the cluster works with a version: addons, API versions that are still asked for, container runtimes, flags and feature gates.
            The preflight of a chain asks the same. It changes nothing.

            Example:
              stepper gate --target 1.35.1

            Exit codes: 0 safe; 3 held: something waits for a release, or was pinned by you; 4 blocked: somebody must act, or something can't be told;
            1 the cluster could not be asked; 2 wrong use, or a wrong compatibility matrix or settings file.
            """) { _target, _matrix, _output, Session.ConfigOption() };
        Command.SetAction((parsed, ct) =>
        {
            var problems = new List<string>();
            var target = StartCommand.ReadTarget(parsed.GetValue(_target), problems);
            var isText = OutputForm.IsText(parsed, _output);
            // The output is the answer and nothing else; what is said on the way to it goes beside it.
            var session = Session.Open(input with { Output = input.Error }, parsed, problems, matrix: parsed.GetValue(_matrix));
            return session.Composition.GateAsync(target, report =>
            {
                if (isText)
                {
                    GatePage.Write(report, input.Output);
                }
                else
                {
                    input.Output.WriteLine(GatePage.Json(report));
                }
            }, ct);
        });
    }

    public Command Command { get; }
}
