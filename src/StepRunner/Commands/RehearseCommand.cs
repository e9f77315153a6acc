using System.CommandLine;
using Stepper.Simulation.Shapes;
using Stepper.StepRunner.Rehearsing;

namespace Stepper.StepRunner.Commands;

/// <summary><c>stepper rehearse --target X.Y.Z</c>: the real phases against a simulated cluster, in virtual time.</summary>
internal sealed class RehearseCommand
{
    private readonly ProcessInput _input;
    private readonly Option<string> _target = StartCommand.TargetOption();
    private readonly Option<int> _seed = new("--seed") { Description = "Another seed is another order of what happens at the same time.", HelpName = "N", DefaultValueFactory = _ => 1 };
    private readonly Option<string> _output = OutputForm.NewOption();

    public RehearseCommand(ProcessInput input)
    {
        _input = input;
        Command = new Command("rehearse", """
            Shows a whole upgrade in a simulated cluster: the real phases, in virtual time. It needs nothing installed and changes nothing.
            The cluster has a control plane and four workers at 1.34.2, one with a GPU; 1.34.7 can be had.

            Example:
              stepper rehearse --target 1.34.7

            Exit codes: 0 the chain came to its end, 1 it did not, 2 wrong use, or a version that kubeadm can't go to.
            """) { _target, _seed, _output, Session.ConfigOption() };
        Command.SetAction(Run);
    }

    public Command Command { get; }

    private int Run(ParseResult parsed)
    {
        var problems = new List<string>();
        var target = StartCommand.ReadTarget(parsed.GetValue(_target), problems);
        var settings = Session.SettingsText(_input, parsed, problems);
        if (problems.Count > 0)
        {
            throw new UsageException([.. problems]);
        }

        var rehearsal = new Rehearsal(ClusterShapes.Default(), parsed.GetValue(_seed), settings);
        var before = RehearsalOutcome.Kubelets(rehearsal.Cluster);
        var isText = OutputForm.IsText(parsed, _output);
        var page = new RehearsalPage(_input.Output);
        if (isText)
        {
            rehearsal.Story.Said += page.Write;
        }

        var code = rehearsal.ByHand(_input.Error, "start", "--target", target.ToString());
        if (code != ExitCode.DoneOrRefused)
        {
            return code;
        }

        rehearsal.RunToRest();
        var outcome = RehearsalOutcome.Of(rehearsal, before);
        if (isText)
        {
            page.Write(outcome);
        }
        else
        {
            _input.Output.WriteLine(RehearsalJson.Of(rehearsal.Story, outcome));
        }

        return outcome.IsComplete ? ExitCode.DoneOrRefused : ExitCode.Aborted;
    }
}
