using System.Text;
using System.Text.Json.Nodes;
using Stepper.Simulation.Api;
using Stepper.Simulation.Controllers;

namespace Stepper.Simulation.Nodes;

/// <summary>What a container finds in its mounts and its environment.</summary>
internal sealed class PodFiles(ControlPlane plane, JsonObject pod, JsonObject container, string token)
{
    private const string Account = "/var/run/secrets/kubernetes.io/serviceaccount/";
    private const string OfLabels = "metadata.labels['";
    private static readonly string[] AccountFiles = ["token", "ca.crt", "namespace"];

    /// <summary>Null where there is no such file.</summary>
    public string? Read(string path)
    {
        foreach (var mount in container.Items("volumeMounts"))
        {
            var root = mount.Text("mountPath").TrimEnd('/');
            if (mount.Text("subPath") is { Length: > 0 } subPath && path == root)
            {
                return InVolume(mount.Text("name"), subPath);
            }

            if (path.StartsWith(root + "/", StringComparison.Ordinal))
            {
                return InVolume(mount.Text("name"), path[(root.Length + 1)..]);
            }
        }

        return path.StartsWith(Account, StringComparison.Ordinal) && pod.Text("spec", "automountServiceAccountToken") != "false"
            ? InAccount(path[Account.Length..])
            : null;
    }

    /// <summary>Every file, by its path.</summary>
    public IReadOnlyDictionary<string, string> All()
    {
        var paths = container.Items("volumeMounts").SelectMany(mount => InMount(mount.Text("mountPath").TrimEnd('/'), mount)).Concat(AccountFiles.Select(name => Account + name));
        return paths.Distinct(StringComparer.Ordinal).Select(path => (path, Text: Read(path))).Where(file => file.Text is not null)
            .ToDictionary(file => file.path, file => file.Text!, StringComparer.Ordinal);
    }

    /// <summary>The first ConfigMap or Secret that must be there and is not; null when the container can start.</summary>
    public string? Missing()
    {
        foreach (var volume in pod.Items("spec", "volumes").SelectMany(Sources))
        {
            if (!volume.Source.Flag("optional") && Find(volume.Kind, volume.Name) is null)
            {
                return $"{volume.Kind.Kind.ToLowerInvariant()} \"{volume.Name}\" not found";
            }
        }

        return null;
    }

    public IReadOnlyDictionary<string, string> Environment()
    {
        var environment = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["HOSTNAME"] = pod.Name(),
            ["KUBERNETES_SERVICE_HOST"] = SimulatedNetwork.ApiServer,
            ["KUBERNETES_SERVICE_PORT"] = "443",
        };
        foreach (var variable in container.Items("env"))
        {
            environment[variable.Text("name")] = variable["valueFrom"] is JsonObject from ? ValueFrom(from) : variable.Text("value");
        }

        return environment;
    }

    private string ValueFrom(JsonObject from)
    {
        if (from["configMapKeyRef"] is JsonObject map)
        {
            return Find(Kinds.ConfigMap, map.Text("name")).Text("data", map.Text("key"));
        }

        if (from["secretKeyRef"] is JsonObject secret)
        {
            return Data(Find(Kinds.Secret, secret.Text("name")), secret.Text("key")) ?? "";
        }

        return from.Text("fieldRef", "fieldPath") switch
        {
            "metadata.name" => pod.Name(),
            "metadata.namespace" => pod.Namespace(),
            "metadata.uid" => pod.Uid(),
            "spec.nodeName" => pod.NodeName(),
            "spec.serviceAccountName" => pod.Text("spec", "serviceAccountName"),
            var path when path.StartsWith(OfLabels, StringComparison.Ordinal) => pod.Labels().GetValueOrDefault(path[OfLabels.Length..^2], ""),
            _ => "",
        };
    }

    private IEnumerable<string> InMount(string root, JsonObject mount)
    {
        if (mount.Text("subPath").Length > 0)
        {
            return [root];
        }

        var sources = pod.Items("spec", "volumes").Where(volume => volume.Text("name") == mount.Text("name")).SelectMany(Sources);
        return sources.SelectMany(source => source.Source.Items("items").ToList() is { Count: > 0 } items
            ? items.Select(item => item.Text("path"))
            : Keys(Find(source.Kind, source.Name))).Select(name => $"{root}/{name}");
    }

    private static IEnumerable<string> Keys(JsonObject? body) =>
        (body?["data"]?.AsObject() ?? []).Concat(body?["stringData"]?.AsObject() ?? []).Select(pair => pair.Key);

    private string? InVolume(string name, string file)
    {
        foreach (var source in pod.Items("spec", "volumes").Where(volume => volume.Text("name") == name).SelectMany(Sources))
        {
            var items = source.Source.Items("items").ToList();
            var key = items.Count == 0 ? file : items.Find(item => item.Text("path") == file).Text("key");
            if (Data(Find(source.Kind, source.Name), key) is { } text)
            {
                return text;
            }
        }

        return null;
    }

    private static IEnumerable<(ResourceKind Kind, string Name, JsonObject Source)> Sources(JsonObject volume)
    {
        foreach (var source in volume["projected"] is JsonObject projected ? projected.Items("sources").Append(volume) : [volume])
        {
            if (source["configMap"] is JsonObject map)
            {
                yield return (Kinds.ConfigMap, map.Text("name"), map);
            }

            if (source["secret"] is JsonObject secret)
            {
                yield return (Kinds.Secret, secret.Text("secretName") is { Length: > 0 } name ? name : secret.Text("name"), secret);
            }
        }
    }

    private JsonObject? Find(ResourceKind kind, string name) => plane.Store.Find(kind, pod.Namespace(), name);

    private static string? Data(JsonObject? body, string key)
    {
        if (body.At("data", key) is not { } value)
        {
            return body.At("stringData", key)?.ToString();
        }

        return body.Text("kind") == "Secret" ? Encoding.UTF8.GetString(Convert.FromBase64String(value.ToString())) : value.ToString();
    }

    private string? InAccount(string file) => file switch
    {
        "token" => token,
        "namespace" => pod.Namespace(),
        "ca.crt" => "-----BEGIN CERTIFICATE-----\nsimulated\n-----END CERTIFICATE-----\n",
        _ => null,
    };
}
