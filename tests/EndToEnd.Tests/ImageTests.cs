using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using Stepper.Loopback;
using Stepper.Simulation;

namespace Stepper.EndToEnd.Tests;

/// <summary>
/// The image as it is delivered, and containers of it: as the user that a Job gives them, in a root that can't be written. A chain through such containers, with
/// ssh to machines, is <see cref="ChainTests"/>.
/// </summary>
public sealed class ImageTests : IAsyncLifetime
{
    private const long MostBytes = 120_000_000;

    private readonly string _directory = Directory.CreateTempSubdirectory("stepper-image-").FullName;
    private Image _image = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(Image.Missing.Length > 0, Image.Missing);
        _image = await Image.BuiltAsync();
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_directory, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task ItSaysItsVersionAndWhatItWasBuiltFrom()
    {
        var labels = _image.Config["Labels"]!;

        var (code, said) = await RunAsync([], "--version");

        code.ShouldBe(0, said);
        said.ShouldBe($"{labels["org.opencontainers.image.version"]}+{labels["org.opencontainers.image.revision"]}");
    }

    [Fact]
    public async Task AStepWithABadEnvironmentIsWrongUse()
    {
        var (code, said) = await RunAsync(["PHASE=wroker", "TARGET_VERSION=1.34"]);

        code.ShouldBe(2, said);
        said.ShouldContain("PHASE (--phase) is \"wroker\"");
        said.ShouldContain("TARGET_VERSION (--target-version) is \"1.34\"");
    }

    [Fact]
    public async Task StartedWithNothingItSaysWhatItIs()
    {
        var (code, said) = await RunAsync([]);

        code.ShouldBe(2);
        said.ShouldContain("no verb and no phase was given");
        said.ShouldContain("Exit codes:");
        said.ShouldContain("rehearse");
    }

    [Fact]
    public async Task AnUpgradeCanBeRehearsedInIt() => (await RunAsync([], "rehearse", "--target", "1.34.7")).Code.ShouldBe(0);

    [Fact]
    public void ItRunsAsTheUserOfTheJobsAndWaitsForNoArguments()
    {
        ((string?)_image.Config["User"]).ShouldBe("10001:10001");
        _image.Config["Entrypoint"]!.AsArray().Select(word => (string?)word).ShouldBe(["/usr/bin/stepper"]);
        // A Job of the chain has no arguments, and would get these.
        (_image.Config["Cmd"]?.AsArray().Count ?? 0).ShouldBe(0);
        File.ReadAllText(_image.Root + "/etc/passwd").ShouldBe("stepper:x:10001:10001::/tmp:/usr/sbin/nologin\n");
        Repository.Read("templates/job-template.yaml").ShouldContain("runAsUser: 10001");
        Repository.Read("deploy/detection.yaml").ShouldContain($"image: stepper:{_image.Config["Labels"]!["org.opencontainers.image.version"]}\n");
    }

    [Fact]
    public void ItHoldsTwoProgramsAndNothingThatGivesRights()
    {
        var files = Files().Select(file => (Path: file.FullName[_image.Root.Length..], Mode: file.UnixFileMode)).ToList();

        files.Where(file => file.Mode.HasFlag(UnixFileMode.UserExecute) && !file.Path.Contains(".so.", StringComparison.Ordinal)).Select(file => file.Path)
            .ShouldBe(["/usr/bin/ssh", "/usr/bin/stepper"], ignoreOrder: true);
        files.ShouldAllBe(file => (file.Mode & (UnixFileMode.SetUser | UnixFileMode.SetGroup | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) == UnixFileMode.None);
        Directory.GetFileSystemEntries(_image.Root + "/var/lib").Select(Path.GetFileName).ShouldBe(["dpkg"]);
    }

    [Fact]
    public void ScannersFindWhichPackagesItIsMadeOf()
    {
        var packages = Directory.GetFiles(_image.Root + "/var/lib/dpkg/status.d");

        packages.Select(Path.GetFileName).ShouldBeSubsetOf(Directory.GetDirectories(_image.Root + "/usr/share/doc").Select(Path.GetFileName));
        packages.Select(Path.GetFileName).ShouldContain("openssh-client");
        packages.ShouldAllBe(package => File.ReadLines(package).Any(line => line.StartsWith("Version: ", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("Europe/Sofia", false)]
    [InlineData("America/New_York", false)]
    [InlineData("Mars/Olympus", true)]
    public async Task ItKnowsTimeZones(string zone, bool isUnknown)
    {
        var files = Directory.CreateDirectory(Path.Combine(_directory, "files/etc/stepper"));
        await File.WriteAllTextAsync(Path.Combine(files.FullName, "stepper.yaml"), $"window: {{timeZone: {zone}}}\nsoak: never\n");

        var (code, said) = await RunAsync([], "detect");

        code.ShouldBe(2, said);
        said.Contains("timeZone", StringComparison.Ordinal).ShouldBe(isUnknown, said);
    }

    [Fact]
    public async Task ItTrustsTheAuthoritiesThatItHoldsAndAsksSoonAfterItsStart()
    {
        using var pacer = new Pacer(new VirtualTime(TimeProvider.System.GetUtcNow()), speed: 1);
        var asked = new TaskCompletionSource<TimeSpan>(TaskCreationOptions.RunContinuationsAsynchronously);
        var start = Stopwatch.StartNew();
        await using var api = await LoopbackServer.StartAsync(
            (_, _) =>
            {
                asked.TrySetResult(start.Elapsed);
                return Task.FromResult(new HttpResponseMessage(HttpStatusCode.Unauthorized) { Content = new StringContent("") });
            },
            pacer,
            _directory);
        var certificates = Directory.CreateDirectory(Path.Combine(_directory, "files/etc/ssl/certs"));
        File.Copy(api.AuthorityFile, Path.Combine(certificates.FullName, "ca-certificates.crt"));
        // Without an authority of its own: the system's count.
        await File.WriteAllTextAsync(
            Path.Combine(_directory, "files/kubeconfig"),
            $$$"""
            current-context: one
            contexts: [{name: one, context: {cluster: one, user: one}}]
            clusters: [{name: one, cluster: {server: "{{{api.Address.GetLeftPart(UriPartial.Authority)}}}"}}]
            users: [{name: one, user: {token: none}}]
            """);
        File.ReadAllText(_image.Root + "/etc/ssl/certs/ca-certificates.crt").Split("BEGIN CERTIFICATE").Length.ShouldBeGreaterThan(100);

        start.Restart();
        var (code, said) = await RunAsync(["KUBECONFIG=/kubeconfig"], "detect");

        code.ShouldBe(1, said);
        asked.Task.IsCompletedSuccessfully.ShouldBeTrue(said);
        Size().ShouldBeLessThan(MostBytes);
        Repository.Measured("image", $"{Size() / 1e6:0.0} MB, first API call {(await asked.Task).TotalMilliseconds:0} ms after its container's start");
    }

    private long Size() => Files().Sum(file => file.Length);

    // Links are not followed.
    private IEnumerable<FileInfo> Files() =>
        new DirectoryInfo(_image.Root).EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint });

    private async Task<(int Code, string Said)> RunAsync(IEnumerable<string> environment, params IEnumerable<string> arguments)
    {
        await using var container = _image.Run(_directory, environment, arguments);
        return (await container.Exited, container.Said);
    }
}
