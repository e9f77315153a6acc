using System.CommandLine;
using Stepper.Cluster;
using Stepper.StepRunner.Settings;

namespace Stepper.StepRunner.Commands;

/// <summary>What every verb that works on a cluster begins with: settings, shipped files, the seams. All that is wrong is said at once.</summary>
internal sealed record Session(Composition Composition, StepperSettings Settings, Outside Outside, StepLog Log)
{
    private const string DefaultConfig = "/etc/stepper/stepper.yaml";

    private const string Config = "--config";

    // Every container of a cluster has it.
    private const string InPod = "KUBERNETES_SERVICE_HOST";

    // One for each command: an option remembers the commands that it is added to, and many command lines may run in one process.
    public static Option<string?> ConfigOption() => new(Config)
    {
        Description = $"The settings file. Default: $STEPPER_CONFIG, else {DefaultConfig}; where that is absent, the defaults.",
        HelpName = "FILE",
    };

    /// <param name="problems">What was found wrong before; the settings' own problems are added to it.</param>
    /// <param name="matrix">A compatibility matrix that was named; null: the one that is found.</param>
    /// <exception cref="UsageException">With all problems.</exception>
    public static Session Open(ProcessInput input, ParseResult parsed, ICollection<string> problems, StepRequest? request = null, string? matrix = null)
    {
        var settings = ReadSettings(input, parsed, problems) ?? new StepperSettings();
        var files = ShippedFiles.Read(input.ReadFile, settings, request?.PodName is not null, matrix, problems);
        if (problems.Count > 0)
        {
            throw new UsageException([.. problems]);
        }

        var outside = input.Open(settings);
        var log = new StepLog(input.Output, new Wait(outside.Time));
        return new Session(new Composition(outside, settings, files!, log.Say, request), settings, outside, log);
    }

    /// <summary>As <see cref="Open"/>. In a pod, at whose log nobody looks by himself, what is wrong is told too, as far as it can be with what is right.</summary>
    /// <param name="tell">Gets what there is to tell it by, and all problems.</param>
    /// <exception cref="UsageException">With all problems.</exception>
    public static async Task<Session> OpenOrTellAsync(ProcessInput input, ParseResult parsed, ICollection<string> problems, StepRequest? request, Func<Composition, string, Task> tell)
    {
        try
        {
            return Open(input, parsed, problems, request);
        }
        catch (UsageException e) when (input.Environment.ContainsKey(InPod))
        {
            var settings = ReadSettings(input, parsed, []) ?? new StepperSettings();
            var outside = input.Open(settings);
            var log = new StepLog(input.Output, new Wait(outside.Time));
            await tell(new Composition(outside, settings, ShippedFiles.ForMessages(input.ReadFile, settings), log.Say), string.Join("; ", e.Problems.Select(problem => problem.TrimEnd('.'))));
            throw;
        }
    }

    /// <summary>The text of the settings file; null where there is none and none was named.</summary>
    public static string? SettingsText(ProcessInput input, ParseResult parsed, ICollection<string> problems)
    {
        var (path, isNamed) = SettingsPath(input, parsed);
        var text = input.ReadFile(path);
        if (text is null && isNamed)
        {
            problems.Add($"{path} can't be read; it was named as the settings file (--config, STEPPER_CONFIG).");
        }

        return text;
    }

    /// <summary>The settings; null when there is a problem with them.</summary>
    public static StepperSettings? ReadSettings(ProcessInput input, ParseResult parsed, ICollection<string> problems) =>
        SettingsReader.Read(SettingsText(input, parsed, problems), SettingsPath(input, parsed).Path, problems);

    private static (string Path, bool IsNamed) SettingsPath(ProcessInput input, ParseResult parsed) =>
        (parsed.GetValue<string?>(Config) ?? input.Environment.GetValueOrDefault("STEPPER_CONFIG")) is { Length: > 0 } named ? (named, true) : (DefaultConfig, false);
}
