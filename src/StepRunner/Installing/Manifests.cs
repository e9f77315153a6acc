using System.Text.Json.Nodes;
using Stepper.Simulation;
using Stepper.StepRunner.Settings;
using Stepper.StepRunner.Spawning;
using YamlDotNet.RepresentationModel;

namespace Stepper.StepRunner.Installing;

/// <summary>What an operator may choose of an installation.</summary>
/// <param name="Image">What all pods run.</param>
/// <param name="SettingsText">What ConfigMap <c>k8s-upgrade-config</c> holds; null: there is none, and the defaults hold.</param>
/// <param name="Settings">The same, read.</param>
/// <param name="SecretStore">The ClusterSecretStore from which External Secrets takes the credentials; null: the operator makes the Secret.</param>
internal sealed record InstallationChoices(string Image, string? SettingsText, StepperSettings Settings, bool NetworkPolicy = false, string? SecretStore = null)
{
    public AlertRules AlertRules { get; init; }

    /// <summary>The compatibility matrix of ConfigMap <c>k8s-upgrade-compat</c>; null: there is none, and the image's own holds.</summary>
    public string? Matrix { get; init; }
}

/// <summary>In which form the alert rules are part of an installation.</summary>
internal enum AlertRules
{
    None,

    /// <summary>A file in a ConfigMap, for a Prometheus that mounts it.</summary>
    ConfigMap,

    /// <summary>What the Prometheus operator reads.</summary>
    PrometheusRule,
}

/// <summary>The objects of an installation, in an order in which they can be applied: the files of <c>deploy/</c> with the settings put in.</summary>
internal sealed class Manifests
{
    public const string ConfigMapOfSettings = "k8s-upgrade-config";

    public const string ConfigMapOfMatrix = "k8s-upgrade-compat";

    // In the shipped files; where they say it, that of the settings is meant.
    private const string ShippedNamespace = "k8s-upgrade";

    private readonly InstallationChoices _choices;

    private Manifests(InstallationChoices choices) => _choices = choices;

    private StepperSettings Settings => _choices.Settings;

    public static IReadOnlyList<JsonObject> Of(InstallationChoices choices) => new Manifests(choices).Objects();

    private List<JsonObject> Objects() =>
    [
        .. Shipped("namespace"),
        .. Shipped("service-account"),
        .. Rules(),
        .. _choices.SettingsText is { } text ? [Files(ConfigMapOfSettings, "stepper.yaml", text)] : Array.Empty<JsonObject>(),
        Files("k8s-upgrade-job-template", "job-template.yaml", ShippedFiles.Embedded("job-template.yaml")),
        Files("k8s-upgrade-scripts", "update_k8s.sh", ShippedFiles.Embedded("update_k8s.sh")),
        .. _choices.Matrix is { } matrix ? [Files(ConfigMapOfMatrix, "compat.yaml", matrix)] : Array.Empty<JsonObject>(),
        .. Shipped("known-hosts"),
        .. _choices.SecretStore is { } store ? [ExternalSecret(store)] : Array.Empty<JsonObject>(),
        .. _choices.NetworkPolicy ? [NetworkPolicy()] : Array.Empty<JsonObject>(),
        .. Alerts(_choices.AlertRules),
        .. Shipped("detection").Select(WithImage),
        .. Openings.Of(Settings.Window).Select(Resume),
        .. Shipped("report").Select(WithImage),
    ];

    private IEnumerable<JsonObject> Alerts(AlertRules form)
    {
        const string name = "k8s-upgrade-alert-rules";
        var rules = ShippedFiles.Embedded("alerts.yaml");
        return form switch
        {
            AlertRules.ConfigMap => [Files(name, "alerts.yaml", rules)],
            AlertRules.PrometheusRule =>
            [
                new JsonObject
                {
                    ["apiVersion"] = "monitoring.coreos.com/v1",
                    ["kind"] = "PrometheusRule",
                    ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = Settings.Namespace },
                    ["spec"] = Yaml(rules).Single(),
                },
            ],
            _ => [],
        };
    }

    // As detection, but for when and what; and under another label, since it is no detection.
    private JsonObject Resume(Opening opening)
    {
        const string name = "k8s-upgrade-resume";
        var cronJob = WithImage(Shipped("detection").Single());
        cronJob["metadata"]!["name"] = opening.IsFirst ? name : $"{name}-{opening.At:HHmm}";
        var spec = cronJob["spec"]!;
        spec["schedule"] = opening.Schedule;
        spec["timeZone"] = Settings.Window.TimeZone.Id;
        var template = spec["jobTemplate"]!;
        template["metadata"]!["labels"]!["app"] = name;
        template["spec"]!["template"]!["metadata"]!["labels"]!["app"] = name;
        template["spec"]!["template"]!["spec"]!["containers"]![0]!["args"] = new JsonArray("detect", "--resume");
        return cronJob;
    }

    private JsonObject WithImage(JsonObject cronJob)
    {
        cronJob["spec"]!["jobTemplate"]!["spec"]!["template"]!["spec"]!["containers"]![0]!["image"] = _choices.Image;
        return cronJob;
    }

    // What settings alone ask for is granted only where they say so, and by name.
    private IEnumerable<JsonObject> Rules()
    {
        const string snapshot = "k8s-upgrade-snapshot";
        var rules = Shipped("rbac").Where(body => Settings.Snapshot.Mode is SnapshotMode.CronJob || body.Name() != snapshot).ToList();
        foreach (var body in rules.Where(body => body.Name() == snapshot))
        {
            Grant(body, Settings.Snapshot.CronJob.Namespace, [Settings.Snapshot.CronJob.Name]);
        }

        return
        [
            .. rules,
            .. ByNamespace("quiesce", Settings.Quiesce.Select(workload => (workload.Namespace, workload.Name))),
            .. ByNamespace("hooks", Settings.AfterControlPlane.Select(script => (script.Namespace, script.Name))),
        ];
    }

    private IEnumerable<JsonObject> ByNamespace(string file, IEnumerable<(string Namespace, string Name)> named) =>
        from there in named.GroupBy(each => each.Namespace, each => each.Name, StringComparer.Ordinal)
        from body in Read($"deploy/choices/{file}.yaml")
        select Grant(body, there.Key, [.. there.Distinct(StringComparer.Ordinal)]);

    // A Role's rule that names objects gets these names; a binding only moves with it.
    private static JsonObject Grant(JsonObject body, string ns, IReadOnlyList<string> names)
    {
        body["metadata"]!["namespace"] = ns;
        foreach (var rule in (body["rules"] as JsonArray ?? []).Where(rule => rule!["resourceNames"] is not null))
        {
            rule!["resourceNames"] = new JsonArray([.. names.Select(name => JsonValue.Create(name))]);
        }

        return body;
    }

    private JsonObject ExternalSecret(string store)
    {
        var body = Read("deploy/choices/external-secret.yaml").Single();
        body["spec"]!["secretStoreRef"]!["name"] = store;
        return body;
    }

    private JsonObject NetworkPolicy()
    {
        Uri?[] addresses = [Settings.PrometheusUrl, Settings.PushgatewayUrl, Settings.AlertmanagerUrl, Settings.WebhookUrl, Settings.Repository];
        // 443 and 6443: the API server as a Service and by itself. 443 is Slack's too.
        var ports = addresses.Select(address => address?.Port).OfType<int>().Concat([443, 6443, Settings.Ssh.Port]).Distinct().Order();
        var body = Read("deploy/choices/network-policy.yaml").Single();
        body["spec"]!["egress"]![2]!["ports"] = new JsonArray([.. ports.Select(port => new JsonObject { ["protocol"] = "TCP", ["port"] = port })]);
        return body;
    }

    private JsonObject Files(string name, string file, string text) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "ConfigMap",
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = Settings.Namespace },
        ["data"] = new JsonObject { [file] = text },
    };

    private IEnumerable<JsonObject> Shipped(string name) => Read($"deploy/{name}.yaml");

    private IEnumerable<JsonObject> Read(string file) => Yaml(ShippedFiles.Embedded(file)).Select(Moved);

    private static IReadOnlyList<JsonObject> Yaml(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return [.. stream.Documents.Select(document => YamlToJson.Convert(document.RootNode)!.AsObject())];
    }

    // The namespace stands in objects' own place, as the name of the Namespace itself, in bindings and in the rule that lets the run be written on it.
    private JsonObject Moved(JsonObject body)
    {
        Move(body["metadata"]!, "namespace");
        if (body.Text("kind") == "Namespace")
        {
            Move(body["metadata"]!, "name");
        }

        foreach (var subject in body["subjects"] as JsonArray ?? [])
        {
            Move(subject!, "namespace");
        }

        foreach (var rule in body["rules"] as JsonArray ?? [])
        {
            if (rule!["resources"] is JsonArray resources && resources.Any(each => (string?)each == "namespaces"))
            {
                rule["resourceNames"] = new JsonArray(Settings.Namespace);
            }
        }

        return body;
    }

    private void Move(JsonNode place, string key)
    {
        if ((string?)place[key] == ShippedNamespace)
        {
            place[key] = Settings.Namespace;
        }
    }
}
