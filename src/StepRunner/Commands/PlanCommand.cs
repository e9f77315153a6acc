using System.CommandLine;
using Stepper.Cluster.Versions;

namespace Stepper.StepRunner.Commands;

/// <summary><c>stepper plan</c>: what the gates of a preflight would say now.</summary>
internal sealed class PlanCommand
{
    private readonly Option<string?> _target = new("--target") { Description = "The version to reach. Default: that of the run in flight, else what detection finds.", HelpName = "X.Y.Z" };
    private readonly Option<string> _output = OutputForm.NewOption();

    public PlanCommand(ProcessInput input)
    {
        Command = new Command("plan", """
            Asks all gates of a preflight and shows what each says. It begins nothing and changes nothing.

            Example:
              stepper plan --target 1.34.7

            Exit codes: 0 it could begin now, or there is nothing to upgrade to; 3 held: all that is in the way passes by itself or was decided by you; 4 blocked: somebody must act;
            1 something could not be asked; 2 wrong use or configuration.
            """) { _target, _output, Session.ConfigOption() };
        Command.SetAction(async (parsed, ct) =>
        {
            var problems = new List<string>();
            var target = parsed.GetValue(_target) is { } text ? StartCommand.ReadTarget(text, problems) : (KubeVersion?)null;
            var isText = OutputForm.IsText(parsed, _output);
            // The output is the plan and nothing else; what is said on the way to it goes beside it.
            var session = Session.Open(input with { Output = input.Error }, parsed, problems);
            return await session.Composition.PlanAsync(target, plan =>
            {
                if (isText)
                {
                    PlanPage.Write(plan, input.Output);
                }
                else
                {
                    input.Output.WriteLine(PlanPage.Json(plan));
                }
            }, ct);
        });
    }

    public Command Command { get; }
}
