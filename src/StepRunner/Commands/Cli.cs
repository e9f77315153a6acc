using System.CommandLine;
using System.CommandLine.Parsing;

namespace Stepper.StepRunner.Commands;

/// <summary>The command line: which verbs there are, and what <c>stepper</c> does without one: the step that <c>$PHASE</c> or <c>--phase</c> names.</summary>
internal static class Cli
{
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(ProcessInput input, CancellationToken ct)
    {
        var parsed = Root(input).Parse([.. input.Arguments]);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
            {
                await input.Error.WriteLineAsync($"stepper: {error.Message}");
            }

            await input.Error.WriteLineAsync($"See: stepper{Verb(parsed.CommandResult)} --help");
            return ExitCode.WrongUse;
        }

        if (parsed.CommandResult.Parent is null)
        {
            OneLineEach(parsed.CommandResult.Command.Subcommands);
        }

        try
        {
            if (input.Arguments.Count == 0 && input.Environment.GetValueOrDefault("PHASE") is null or "")
            {
                // Whoever tries out what this is has not been told of --help. It is wrong use all the same: a Job that says no phase must fail.
                await parsed.RootCommandResult.Command.Parse("--help").InvokeAsync(Configuration(input.Error, input.Error), ct);
            }

            return await parsed.InvokeAsync(Configuration(input.Output, input.Error), ct);
        }
        catch (UsageException e)
        {
            foreach (var problem in e.Problems)
            {
                await input.Error.WriteLineAsync($"stepper: {problem}");
            }

            return ExitCode.WrongUse;
        }
        catch (OperationCanceledException e) when (ct.IsCancellationRequested)
        {
            await input.Error.WriteLineAsync(e is StoppedException stopped ? $"stepper: told to stop. {stopped.Message}" : "stepper: told to stop");
            return ExitCode.Terminated;
        }
    }

    private static InvocationConfiguration Configuration(TextWriter output, TextWriter error) =>
        new() { Output = output, Error = error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };

    private static RootCommand Root(ProcessInput input)
    {
        var root = new RootCommand(
            """
            Upgrades the Kubernetes version of a kubeadm cluster, unattended, by a chain of small Jobs.

            Without a verb it does one step of the chain: the one that $PHASE or --phase names. A Job of the chain calls it so; so may you, by hand:
              stepper --phase worker --node k8s-node3

            Exit codes: 0 done or refused, 1 aborted (a retry may help), 2 wrong use or configuration (no retry helps), 143 on SIGTERM.
            """);
        new StepCommand(input).AddTo(root);
        root.Subcommands.Add(new DetectCommand(input).Command);
        root.Subcommands.Add(new PlanCommand(input).Command);
        root.Subcommands.Add(new GateCommand(input).Command);
        root.Subcommands.Add(new StartCommand(input).Command);
        root.Subcommands.Add(new ReportCommand(input).Command);
        root.Subcommands.Add(new RehearseCommand(input).Command);
        root.Subcommands.Add(new ManifestsCommand(input).Command);
        return root;
    }

    // In the list of verbs; each has its example and its exit codes in its own help.
    private static void OneLineEach(IEnumerable<Command> verbs)
    {
        foreach (var verb in verbs)
        {
            verb.Description = verb.Description?.Split('\n')[0];
        }
    }

    private static string Verb(CommandResult result) => result.Parent is CommandResult ? " " + result.Command.Name : "";
}
