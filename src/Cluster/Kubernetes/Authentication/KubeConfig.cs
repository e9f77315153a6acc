using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Stepper.Cluster.Kubernetes.Authentication;

/// <summary>One kubeconfig, or several as one: of what stands in several, the first file's is taken, whole.</summary>
internal sealed class KubeConfig
{
    private readonly string _files;
    private readonly Dictionary<(string Kind, string Name), KubeConfigEntry> _entries = [];
    private string? _current;

    private KubeConfig(string files) => _files = files;

    /// <param name="mustExist">False: a file that is not there is left out, as long as one is.</param>
    public static KubeConfig Read(IReadOnlyList<string> files, bool mustExist)
    {
        var there = files.Where(file => mustExist || File.Exists(file)).ToList();
        if (there.Count == 0)
        {
            throw new KubeConfigException($"KUBECONFIG names {string.Join(" and ", files)}, of which none is there");
        }

        var config = new KubeConfig(string.Join(" and ", there));
        foreach (var file in there)
        {
            config.Add(file, Parsed(file));
        }

        return config;
    }

    /// <param name="environment">Where a proxy may be named, for a cluster that names none.</param>
    /// <param name="context">Null: the current one.</param>
    public KubeConnection Connection(Func<string, string?> environment, string? context, TimeProvider time)
    {
        var name = context ?? _current ?? throw new KubeConfigException($"kubeconfig {_files}: there is no current-context. Set it with kubectl config use-context, to one of: {Contexts()}");
        var chosen = _entries.GetValueOrDefault(("context", name)) ?? throw new KubeConfigException($"kubeconfig {_files}: there is no context \"{name}\". There are: {Contexts()}");
        var cluster = Referred(chosen, "cluster");
        var address = Address(cluster);
        var credentials = new KubeConfigUser(Referred(chosen, "user"), environment, time).Credentials(() => ForPlugin(cluster));
        var handler = new AuthenticatingHandler(credentials, Sockets(cluster, environment), cluster.Text("tls-server-name"));
        return new KubeConnection(address, handler, chosen.Text("namespace") ?? "default", chosen.Where);
    }

    private static Uri Address(KubeConfigEntry cluster)
    {
        var server = cluster.Required("server");
        if (!Uri.TryCreate(server, UriKind.Absolute, out var address) || address.Scheme is not ("https" or "http"))
        {
            throw cluster.Wrong($"server is \"{server}\"; an address such as https://10.0.0.1:6443 is needed");
        }

        return address.Scheme == Uri.UriSchemeHttps || address.IsLoopback
            ? KubeConnection.Slashed(address)
            : throw cluster.Wrong($"server is \"{server}\"; without TLS only this machine itself is talked to. Use https");
    }

    private static ApiSockets Sockets(KubeConfigEntry cluster, Func<string, string?> environment)
    {
        if (cluster.IsTrue("insecure-skip-tls-verify"))
        {
            throw cluster.Wrong("insecure-skip-tls-verify is not supported, TLS is always verified. Give the cluster's certificate-authority, and tls-server-name if its name differs");
        }

        return new ApiSockets(
            cluster.Content("certificate-authority") is { } pem ? Certificates.Authority(pem, cluster.Where)
                : MachineAuthorities.File(environment) is { } own ? Certificates.Authority(File.ReadAllText(own), own)
                : null,
            cluster.Text("proxy-url") is not { } proxy ? EnvironmentProxy.For(Address(cluster), environment) : EnvironmentProxy.Address(proxy) ?? throw cluster.Wrong($"proxy-url is \"{proxy}\"; an address of http, https or socks5 is needed"));
    }

    private static JsonObject ForPlugin(KubeConfigEntry cluster)
    {
        var told = new JsonObject { ["server"] = cluster.Required("server") };
        if (cluster.Content("certificate-authority") is { } pem)
        {
            told["certificate-authority-data"] = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(pem));
        }

        foreach (var field in new[] { "tls-server-name", "proxy-url" })
        {
            if (cluster.Text(field) is { } value)
            {
                told[field] = value;
            }
        }

        return told;
    }

    private KubeConfigEntry Referred(KubeConfigEntry context, string kind)
    {
        var name = context.Required(kind);
        return _entries.GetValueOrDefault((kind, name)) ?? throw context.Wrong($"its {kind} \"{name}\" is in no file");
    }

    private string Contexts() => string.Join(", ", _entries.Keys.Where(key => key.Kind == "context").Select(key => key.Name).Order(NaturalOrder.OfNames));

    private void Add(string file, YamlMappingNode root)
    {
        _current ??= KubeConfigEntry.TextOf(root, "current-context");
        foreach (var kind in new[] { "cluster", "user", "context" })
        {
            if (KubeConfigEntry.Child(root, kind + "s") is not YamlSequenceNode list)
            {
                continue;
            }

            foreach (var item in list.OfType<YamlMappingNode>())
            {
                var name = KubeConfigEntry.TextOf(item, "name") ?? throw new KubeConfigException($"kubeconfig {file}: a {kind} has no name");
                _entries.TryAdd((kind, name), new KubeConfigEntry(file, kind, name, KubeConfigEntry.Child(item, kind) as YamlMappingNode ?? []));
            }
        }
    }

    private static YamlMappingNode Parsed(string file)
    {
        try
        {
            using var text = File.OpenText(file);
            var yaml = new YamlStream();
            yaml.Load(text);
            return yaml.Documents is [{ RootNode: YamlMappingNode root }, ..] ? root : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KubeConfigException($"kubeconfig {file} can't be read: {e.Message}", e);
        }
        catch (InvalidOperationException e)
        {
            // YamlDotNet's way to say that a bracket is not closed.
            throw new KubeConfigException($"kubeconfig {file} is no YAML", e);
        }
        catch (YamlException e)
        {
            throw new KubeConfigException($"kubeconfig {file}, line {e.Start.Line}: {e.Message}", e);
        }
    }
}
