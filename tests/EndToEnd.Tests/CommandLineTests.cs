using System.Net;
using System.Net.Sockets;

namespace Stepper.EndToEnd.Tests;

/// <summary>The published executable, as a person or a kubelet meets it.</summary>
public sealed class CommandLineTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("stepper-command-line-").FullName;

    public CommandLineTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "The executable is published for Linux.");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task ItSaysItsVersion()
    {
        var (code, said) = await RunAsync("--version");

        code.ShouldBe(0);
        said.ShouldMatch(@"^[0-9]+\.[0-9]+\.[0-9]+\S*$");
    }

    [Fact]
    public async Task EachVerbExplainsItselfWithAnExample()
    {
        var help = (await RunAsync("--help")).Said;
        var verbs = Verbs(help);

        help.ShouldContain("Exit codes:");
        verbs.ShouldContain("detect");
        foreach (var verb in verbs)
        {
            var (code, said) = await RunAsync(verb, "--help");
            code.ShouldBe(0, said);
            said.ShouldContain("Example:", Case.Sensitive, verb);
            said.ShouldContain($"stepper {verb}", Case.Sensitive, verb);
        }
    }

    [Fact]
    public async Task AnUnknownFlagIsWrongUse()
    {
        var (code, said) = await RunAsync("detect", "--dryrun");

        code.ShouldBe(2);
        said.ShouldContain("'--dryrun'");
        said.ShouldContain("See: stepper detect --help");
    }

    [Fact]
    public async Task AllThatIsWrongIsSaidAtOnce()
    {
        var settings = Path.Combine(_directory, "stepper.yaml");
        await File.WriteAllTextAsync(settings, "soak: often\nsoka: 10m\n");

        var (code, said) = await RunAsync("--phase", "wroker", "--target-version", "1.34", "--config", settings);

        code.ShouldBe(2);
        said.ShouldContain("PHASE (--phase) is \"wroker\"");
        said.ShouldContain("TARGET_VERSION (--target-version) is \"1.34\"");
        said.ShouldContain($"{settings}:1: soak is \"often\"");
        said.ShouldContain($"{settings}:2: unknown key soka");
    }

    [Fact]
    public async Task SettingsThatWereNamedMustBeThere()
    {
        var missing = Path.Combine(_directory, "none.yaml");

        var (code, said) = await RunAsync("detect", "--config", missing);

        code.ShouldBe(2);
        said.ShouldContain($"{missing} can't be read");
    }

    [Fact]
    public async Task WhereNoClusterIsKnownItSaysWhatToSet()
    {
        var (code, said) = await RunAsync("detect");

        code.ShouldBe(2);
        said.ShouldContain("KUBECONFIG");
    }

    [Fact]
    public async Task ARehearsalNeedsNothing()
    {
        var (code, said) = await RunAsync("rehearse", "--target", "1.34.7");

        code.ShouldBe(0, said);
        said.ShouldContain("K8s upgrade complete");
    }

    [Fact]
    public async Task ToldToStopItStops()
    {
        // An API server that takes the connection and never says a word.
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var kubeconfig = Path.Combine(_directory, "kubeconfig");
        await File.WriteAllTextAsync(
            kubeconfig,
            $$$"""
            current-context: one
            contexts: [{name: one, context: {cluster: one, user: one}}]
            clusters: [{name: one, cluster: {server: "https://{{{silent.LocalEndpoint}}}"}}]
            users: [{name: one, user: {token: none}}]
            """);
        await using var program = new RunningProgram("env", ["-i", $"KUBECONFIG={kubeconfig}", await Repository.ExecutableAsync(), "detect"]);
        using var asked = await silent.AcceptTcpClientAsync();

        await RunningProgram.TerminateAsync(program.Id);

        (await program.Exited).ShouldBe(143, program.Said);
        program.Said.ShouldContain("told to stop");
    }

    private async Task<(int Code, string Said)> RunAsync(params IEnumerable<string> arguments)
    {
        await using var program = new RunningProgram("env", ["-i", $"HOME={_directory}", await Repository.ExecutableAsync(), .. arguments]);
        return (await program.Exited, program.Said);
    }

    // The lines of "Commands:" that begin with a word; the others go on with what was said of it.
    private static List<string> Verbs(string help) =>
        [.. help[help.IndexOf("Commands:", StringComparison.Ordinal)..].Split('\n').Where(line => line.StartsWith("  ", StringComparison.Ordinal) && line.Length > 2 && line[2] != ' ').Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[0])];
}
