using System.Text.Json.Nodes;
using Stepper.Cluster.Versions;

namespace Stepper.EndToEnd.Tests;

/// <summary>A control plane and workers: machines with real sshd, sudo and apt: see <c>tests/node-lab/README.md</c>.</summary>
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

    /// <summary>The addresses that are the lab's own but for the last number, of which 2 to 9 are free: <c>127.0.3</c>.</summary>
    public string Network => string.Join('.', Address(Names[0]).Split('.')[..3]);

    /// <summary>What the repository was asked, and by whom.</summary>
    public IReadOnlyList<string> RepositoryLog => File.ReadAllLines(Path.Combine(_directory, "repository.log"));

    /// <summary>A file of the repository, by its path in the address.</summary>
    public string PathInRepository(string path) => Path.Combine(_directory, "repository", path);

    public static async Task<NodeLab> UpAsync(string directory, int workers, KubeVersion running)
    {
        var nodes = string.Join(',', Enumerable.Range(1, workers).Select(number => $"k8s-node{number}:worker").Prepend("k8s-master:master"));
        await LabAsync("up", "--dir", directory, "--nodes", nodes, "--version", $"{running}", "--owner", $"{Environment.ProcessId}");
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

    /// <summary>Lets something go wrong on a machine: see <c>lab.sh fault --help</c>.</summary>
    public Task FaultAsync(string node, params IEnumerable<string> fault) => LabAsync(["fault", "--dir", _directory, "--node", node, .. fault]);

    /// <summary>Ends all faults of a machine.</summary>
    public Task MendAsync(string node) => LabAsync("mend", "--dir", _directory, "--node", node);

    public async ValueTask DisposeAsync() => await DownAsync(_directory);

    private static Task<string> LabAsync(params IEnumerable<string> arguments) => RunningProgram.RunAsync(Tests.Repository.PathOf("tests/node-lab/lab.sh"), arguments);

    private JsonNode Entry(string name) => _lab["nodes"]!.AsArray().Single(node => (string)node!["name"]! == name)!;
}
