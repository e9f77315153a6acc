using System.CommandLine;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Stepper.StepRunner.Gates.Compatibility;
using Stepper.StepRunner.Installing;
using Stepper.StepRunner.Settings;

namespace Stepper.StepRunner.Commands;

/// <summary><c>stepper manifests --image I</c>: the whole installation, to be applied.</summary>
internal sealed partial class ManifestsCommand
{
    private readonly ProcessInput _input;

    private readonly Option<string> _image = new("--image") { Description = "What all pods run, with its tag or digest.", HelpName = "IMAGE", Required = true };

    private readonly Option<string[]> _set = new("--set")
    {
        Description = "A setting and its value, as it would stand in the settings file; may be given many times.",
        HelpName = "KEY=VALUE",
        DefaultValueFactory = _ => [],
    };

    private readonly Option<string?> _secretStore = new("--external-secret")
    {
        Description = "With an ExternalSecret that takes the credentials from Vault's secret/k8s-upgrade, by this ClusterSecretStore.",
        HelpName = "STORE",
    };

    private readonly Option<bool> _networkPolicy = new("--network-policy")
    {
        Description = "With a NetworkPolicy: nothing calls stepper's pods, and they call only the ports of what they need, on any address.",
    };

    private readonly Option<string> _alertRules = new("--alert-rules")
    {
        Description = "With the alert rules: none, configmap (a file for Prometheus to mount) or prometheusrule (for its operator).",
        HelpName = "FORM",
        DefaultValueFactory = _ => "none",
    };

    private readonly Option<string?> _matrix = new("--matrix")
    {
        Description = "Your own compatibility matrix, for ConfigMap k8s-upgrade-compat. Default: the shipped one.",
        HelpName = "FILE",
    };

    private readonly Option<string> _output = OutputForm.NewOption("yaml");

    public ManifestsCommand(ProcessInput input)
    {
        _input = input;
        _alertRules.AcceptOnlyFromAmong("none", "configmap", "prometheusrule");
        Command = new Command("manifests", """
            Prints the whole installation for kubectl: namespace, service account, RBAC, ConfigMaps, CronJobs. It asks no cluster and changes nothing.
            What RBAC grants follows from the settings. The Secret k8s-upgrade-creds (ssh_key, slack_webhook, known_hosts) is yours, and is not in it.

            Example:
              stepper manifests --image registry.example.com/stepper:0.1.0 --set snapshot.mode=ssh | kubectl apply --server-side -f -

            Exit codes: 0 printed; 2 wrong use or configuration.
            """) { _image, _set, _matrix, _alertRules, _networkPolicy, _secretStore, _output, Session.ConfigOption() };
        Command.SetAction(Run);
    }

    public Command Command { get; }

    private int Run(ParseResult parsed)
    {
        var problems = new List<string>();
        var image = parsed.GetValue(_image)!;
        if (!ImageReference().IsMatch(image))
        {
            problems.Add($"--image is \"{image}\"; an image with its tag or digest is needed, such as registry.example.com/stepper:0.1.0: without one, the next step could run another program than this.");
        }

        var text = Session.SettingsText(_input, parsed, problems);
        var settings = Session.ReadSettings(_input, parsed, problems);
        if (settings is not null)
        {
            text = SettingChanges.Make(text, parsed.GetValue(_set)!, problems);
            settings = problems.Count == 0 ? SettingsReader.Read(text, line => $"the settings with --set, line {line}", problems) : null;
        }

        var matrix = ReadMatrix(parsed.GetValue(_matrix), problems);
        if (problems.Count > 0)
        {
            throw new UsageException([.. problems]);
        }

        var objects = Manifests.Of(new InstallationChoices(image, text, settings!, parsed.GetValue(_networkPolicy), parsed.GetValue(_secretStore))
        {
            AlertRules = Enum.Parse<AlertRules>(parsed.GetValue(_alertRules)!, ignoreCase: true),
            Matrix = matrix,
        });
        if (Openings.NeverAtDetection(settings!.Window))
        {
            _input.Error.WriteLine("stepper: window.open is shut on Sundays at 12:00 UTC, when CronJob k8s-version-check runs: no upgrade would begin. Give it a schedule within the window.");
        }

        _input.Output.Write(OutputForm.IsText(parsed, _output) ? string.Join("---\n", objects.Select(YamlText.Of)) : OutputForm.Json(List(objects)) + "\n");
        return ExitCode.DoneOrRefused;
    }

    private string ReadMatrix(string? path, List<string> problems)
    {
        if (path is null)
        {
            return ShippedFiles.Embedded("compat.yaml");
        }

        if (ShippedFiles.NamedMatrix(_input.ReadFile, path, problems) is not { } own)
        {
            return "";
        }

        problems.AddRange(new MatrixFile(path, () => own).Problems);
        return own;
    }

    private static JsonObject List(IEnumerable<JsonObject> objects) =>
        new() { ["apiVersion"] = "v1", ["kind"] = "List", ["items"] = new JsonArray([.. objects]) };

    // A registry with its port, a path, and then a tag, a digest or both.
    [GeneratedRegex(
        @"\A[a-z0-9]([a-z0-9._-]*(:[0-9]+(?=/))?)(/[a-z0-9][a-z0-9._-]*)*((:[A-Za-z0-9_][A-Za-z0-9._-]{0,127})(@sha256:[0-9a-f]{64})?|@sha256:[0-9a-f]{64})\z",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex ImageReference();
}
