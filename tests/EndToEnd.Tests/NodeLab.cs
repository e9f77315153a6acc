using System.Text.Json.Nodes;
using Stepper.Cluster.Versions;

namespace Stepper.EndToEnd.Tests;

/// <summary>Five machines with real sshd, sudo and apt: see <c>tests/node-lab/README.md</c>.</summary>
internal sealed class NodeLab : IAsyncDisposable
{
    private readonly string _directory;
    private readonly JsonNode _lab;

    private NodeLab(string directory, JsonNode lab)
    {
        _directory = directory;
        _lab = lab;
        Names = [.. lab["nodes"]!.AsArray().Select(node => (string)node!["name"]!)];
    }

    /// <summary>The control plane first.</summary>
    public IReadOnlyList<string> Names { get; }

    public string PrivateKey => File.ReadAllText((string)_lab["privateKeyFile"]!);

    public string KnownHosts => (string)_lab["knownHosts"]!;

    public string Repository => (string)_lab["repository"]!;

    public static async Task<NodeLab> UpAsync(string directory, KubeVersion running)
    {
        const string Nodes = "k8s-master:master,k8s-node1:worker,k8s-node2:worker,k8s-node3:worker,k8s-node4:worker";
        await LabAsync("up", "--dir", directory, "--nodes", Nodes, "--version", $"{running}");
        return new NodeLab(directory, JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(directory, "lab.json")))!);
    }

    /// <summary>Ends a lab, whatever is left of it.</summary>
    public static Task DownAsync(string directory) => LabAsync("down", "--dir", directory);

    public string Address(string node) => (string)Entry(node)["address"]!;

    /// <summary>A file of a machine, seen from outside.</summary>
    public string PathOn(string node, string path) => (string)Entry(node)["root"]! + path;

    /// <summary>Runs a command on a machine, as root.</summary>
    /// <returns>What it said.</returns>
    public Task<string> ExecAsync(string node, params IEnumerable<string> command) => LabAsync(["exec", "--dir", _directory, "--node", node, "--", .. command]);

    public async ValueTask DisposeAsync() => await DownAsync(_directory);

    private static Task<string> LabAsync(params IEnumerable<string> arguments) => RunningProgram.RunAsync(Tests.Repository.PathOf("tests/node-lab/lab.sh"), arguments);

    private JsonNode Entry(string name) => _lab["nodes"]!.AsArray().Single(node => (string)node!["name"]! == name)!;
}
