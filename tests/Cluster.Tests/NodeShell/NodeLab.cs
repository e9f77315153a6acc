using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Stepper.Cluster.NodeShell;

namespace Stepper.Cluster.Tests.NodeShell;

/// <summary>Machines with real sshd, sudo, apt and dpkg: see <c>tests/node-lab/README.md</c>.</summary>
public sealed class NodeLab : IAsyncLifetime
{
    private readonly string _directory = Path.Combine(Path.GetTempPath(), $"stepper-lab-{Environment.ProcessId}");
    private JsonNode _lab = new JsonObject();

    public string Missing { get; private set; } = "";

    public SshSettings Settings => new((string)_lab["user"]!, 22, (string)_lab["privateKeyFile"]!, TimeSpan.FromSeconds(5));

    public string KnownHosts => (string)_lab["knownHosts"]!;

    public string Repository => (string)_lab["repository"]!;

    public static string Root { get; } = FindRoot(AppContext.BaseDirectory);

    public NodeTarget Node(string name) => new(name, (string)Entry(name)["address"]!);

    /// <summary>A file of a node, from outside.</summary>
    public string PathOn(string name, string path) => (string)Entry(name)["root"]! + path;

    public Task ExecAsync(string node, params string[] command) => RunAsync(["exec", "--dir", _directory, "--node", node, "--", .. command]);

    public Task FaultAsync(string node, string fault) => RunAsync(["fault", "--dir", _directory, "--node", node, fault]);

    public Task MendAsync(string node) => RunAsync(["mend", "--dir", _directory, "--node", node]);

    public Task RebootAsync(string node) => RunAsync(["reboot", "--dir", _directory, "--node", node]);

    public async ValueTask InitializeAsync()
    {
        if (Environment.UserName != "root" || !File.Exists("/usr/sbin/debootstrap"))
        {
            Missing = "the node lab needs root, and what tests/node-lab/install.sh installs";
            return;
        }

        _lab = JsonNode.Parse(await RunAsync(["up", "--dir", _directory, "--nodes", "k8s-master:master,k8s-node1:worker", "--version", "1.34.2"]))!;
    }

    public async ValueTask DisposeAsync()
    {
        if (Missing.Length == 0)
        {
            await RunAsync(["down", "--dir", _directory]);
        }
    }

    private static async Task<string> RunAsync(string[] arguments)
    {
        var exit = await ChildProcess.RunAsync(new ProcessStartInfo(Path.Combine(Root, "tests/node-lab/lab.sh"), arguments), null, CancellationToken.None);
        return exit.ExitCode == 0 ? Encoding.UTF8.GetString(exit.Output) : throw new InvalidOperationException($"lab.sh {arguments[0]}: {exit.Error}");
    }

    private JsonNode Entry(string name) => _lab["nodes"]!.AsArray().Single(node => (string)node!["name"]! == name)!;

    private static string FindRoot(string from) => File.Exists(Path.Combine(from, "global.json")) ? from : FindRoot(Path.GetDirectoryName(from.TrimEnd('/'))!);
}
