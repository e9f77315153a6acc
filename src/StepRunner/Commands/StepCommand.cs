using System.CommandLine;
using Stepper.StepRunner.Phases.Parts;
using Stepper.StepRunner.Recovery;

namespace Stepper.StepRunner.Commands;

/// <summary>One step of the chain: what a chain Job's pod runs, and a person by hand. Each option is a variable of the Job too; the option wins.</summary>
internal sealed class StepCommand(ProcessInput input)
{
    private readonly IReadOnlyList<(Option<string?> Option, string Variable)> _options =
    [
        (Text("--phase", "PHASE", "preflight, master, worker or postflight ($PHASE)."), "PHASE"),
        (Text("--node", "NODE", "The node that a master or worker step upgrades ($TARGET_NODE)."), "TARGET_NODE"),
        (Text("--target-version", "X.Y.Z", "The version to reach ($TARGET_VERSION). Default: that of the run in flight, else the highest in the cluster."), "TARGET_VERSION"),
        (Text("--kind", "KIND", "patch or minor ($KIND). Default: by the versions that run."), "KIND"),
        (Text("--image", "IMAGE", "The image of the Jobs that follow ($IMAGE). Default: that of CronJob k8s-version-check."), "IMAGE"),
    ];

    private readonly Option<bool> _noSpawn = new("--no-spawn") { Description = "Do this step alone; begin no Job after it." };

    public void AddTo(Command command)
    {
        foreach (var (option, _) in _options)
        {
            command.Options.Add(option);
        }

        command.Options.Add(_noSpawn);
        command.Options.Add(Session.ConfigOption());
        command.SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken ct)
    {
        var given = input.Environment.ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal);
        foreach (var (option, variable) in _options)
        {
            if (parsed.GetValue(option) is { } value)
            {
                given[variable] = value;
            }
        }

        if (!given.TryGetValue("PHASE", out var phase) || phase.Length == 0)
        {
            throw new UsageException("no verb and no phase was given; see stepper --help.");
        }

        var problems = new List<string>();
        var request = StepRequest.Read(given, spawns: !parsed.GetValue(_noSpawn), problems);
        var session = await Session.OpenOrTellAsync(input, parsed, problems, request, (composition, wrong) => TellAsync(composition, wrong, given, ct));
        return await session.Composition.RunStepAsync(request!, ct);
    }

    // What of it is right says whose step it was to be.
    private static Task TellAsync(Composition composition, string wrong, Dictionary<string, string> given, CancellationToken ct)
    {
        var (phase, node) = (PhaseNames.Read(given.GetValueOrDefault("PHASE")), given.GetValueOrDefault("TARGET_NODE"));
        return composition.TellNotBegunAsync(
            phase is { } known ? Messenger.Speaker(known, node) : "k8s-upgrade", wrong, NotBegun.Step(phase, node, given.GetValueOrDefault("NODE_NAME"), mayTryAgain: false), given.GetValueOrDefault("JOB_UID"), ct);
    }

    private static Option<string?> Text(string name, string value, string description) => new(name) { Description = description, HelpName = value };
}
