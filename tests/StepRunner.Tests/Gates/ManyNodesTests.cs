using System.Diagnostics;
using Stepper.Cluster;
using Stepper.Cluster.NodeShell;
using Stepper.StepRunner.Gates;
using SshOfSettings = Stepper.StepRunner.Settings.SshSettings;

namespace Stepper.StepRunner.Tests.Gates;

/// <summary>The real shell, real ssh and real sshds, in real time.</summary>
public sealed class ManyNodesTests
{
    // The limit of a step's pod, less what stepper itself may take at a thousand nodes.
    private const long MemoryLimit = (256L << 20) - (128L << 20);

    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task OfTwoHundredNodesTheTwentyThatAreSilentAreNamedInOneMessageWithinAMinuteAndThePodsMemory()
    {
        Assert.SkipWhen(ManyNodes.WhyNot().Length > 0, ManyNodes.WhyNot());
        using var many = new ManyNodes(200, silentEach: 10);
        await many.StartAsync(Ct);
        await using var shell = new SshShell(many.Settings, HostKeys.Given(many.KnownHosts));
        var settings = new SshOfSettings { User = "root", Port = many.Settings.Port };
        var gate = new NodeSurveyGate(shell, settings, "http://127.0.0.1/core:/stable:", new Wait(TimeProvider.System));
        var memory = new Memory(many.SshMemory);

        var clock = Stopwatch.StartNew();
        var verdict = await memory.DuringAsync(gate.CheckAsync(new GateFacts(Given.Step(PhaseName.Preflight), many.Nodes, []), Ct));
        clock.Stop();

        await NoteAsync($"200 nodes over ssh, 20 of them silent: {clock.Elapsed.TotalSeconds:0.0} s; at most {memory.Peak >> 20} MiB in ssh processes");
        var silent = verdict.Findings.ShouldHaveSingleItem().Seen;
        silent.ShouldStartWith("20 nodes: the connection to it failed: Connection timed out during banner exchange", customMessage: silent);
        silent[(silent.LastIndexOf(": ", StringComparison.Ordinal) + 2)..].Split(", ").ShouldBe(many.Silent.Select(name => $"{name} ({ManyNodes.Address(name)})"));
        clock.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(60));
        memory.Peak.ShouldBeInRange(1L << 20, MemoryLimit);
    }

    // tests/run.sh shows it.
    private static async Task NoteAsync(string measured)
    {
        var root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "global.json")))
        {
            root = Path.GetDirectoryName(root.TrimEnd('/'))!;
        }

        var directory = Directory.CreateDirectory(Path.Combine(root, "artifacts", "survey"));
        await File.WriteAllTextAsync(Path.Combine(directory.FullName, "measured"), $"survey: {measured}\n", Ct);
    }

    /// <summary>Looks again and again at what is taken.</summary>
    private sealed class Memory(Func<long> taken)
    {
        public long Peak { get; private set; }

        public async Task<T> DuringAsync<T>(Task<T> work)
        {
            using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
            while (!work.IsCompleted)
            {
                Peak = Math.Max(Peak, taken());
                await timer.WaitForNextTickAsync(Ct);
            }

            return await work;
        }
    }
}
