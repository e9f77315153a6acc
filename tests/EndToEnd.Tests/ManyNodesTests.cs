using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Stepper.EndToEnd.Tests;

/// <summary>The published executable, real ssh and real sshds, in real time; by itself, since on two cores what runs beside it would be what is measured.</summary>
[Collection(typeof(ByItself))]
public sealed partial class ManyNodesTests
{
    private static readonly TimeSpan LooksEvery = TimeSpan.FromSeconds(0.5);
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    private long _stepper;
    private long _ssh;

    [Fact]
    public async Task OfTwoHundredNodesTheTwentyThatAreSilentAreNamedInOneMessageWithinAMinuteAndThePodsMemory()
    {
        Assert.SkipWhen(ManyNodes.WhyNot().Length > 0, ManyNodes.WhyNot());
        var built = await Repository.ExecutableAsync();
        await using var many = new ManyNodes(200, silentEach: 10);
        await many.StartAsync(Ct);
        // Not from where it is: beside it there may be the image's own ssh, which is for the image.
        var stepper = many.Bring(built);

        var clock = Stopwatch.StartNew();
        await using var plan = new RunningProgram("env", ["-i", "PATH=/usr/bin:/bin", "DOTNET_EnableDiagnostics=0", $"KUBECONFIG={many.Kubeconfig}", stepper, "plan", "--target", "1.34.7", "--config", many.Settings], line =>
        {
            if (line.Contains("gate: every node to be fit", StringComparison.Ordinal))
            {
                clock.Stop();
            }
        });
        await LookUntilItEndsAsync(plan, many);

        Repository.Measured("survey", $"200 nodes over ssh, 20 of them silent: {clock.Elapsed.TotalSeconds:0.0} s; at most {_stepper >> 20} MiB in stepper and {_ssh >> 20} MiB in its ssh processes");
        (await plan.Exited).ShouldBe(4, plan.Said);
        var silent = Silent().Match(plan.Said);
        silent.Success.ShouldBeTrue(plan.Said);
        clock.IsRunning.ShouldBeFalse(plan.Said);
        silent.Groups["nodes"].Value.Split(", ").ShouldBe(many.Silent.Select(name => $"{name} ({ManyNodes.Address(name)})"));
        clock.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(60));
        _ssh.ShouldBeGreaterThan(1L << 20);
        (_stepper + _ssh).ShouldBeInRange(20L << 20, PodsLimit());
    }

    // Both peaks together are never less than what was taken at a time.
    private async Task LookUntilItEndsAsync(RunningProgram program, ManyNodes many)
    {
        using var timer = new PeriodicTimer(LooksEvery);
        while (!program.Exited.IsCompleted)
        {
            _ssh = Math.Max(_ssh, many.SshMemory());
            _stepper = Math.Max(_stepper, PeakOf(program.Id));
            await timer.WaitForNextTickAsync(Ct);
        }
    }

    // What was resident at most until now: the kernel keeps it.
    private static long PeakOf(int process)
    {
        try
        {
            return long.Parse(Peak().Match(File.ReadAllText($"/proc/{process}/status")).Groups["kb"].ValueSpan, CultureInfo.InvariantCulture) * 1024;
        }
        catch (Exception e) when (e is IOException or FormatException)
        {
            return 0; // it has ended
        }
    }

    private static long PodsLimit() =>
        long.Parse(Limit().Match(Repository.Read("templates/job-template.yaml")).Groups["mb"].ValueSpan, CultureInfo.InvariantCulture) << 20;

    [GeneratedRegex(@"act now: 20 nodes: can't be reached over ssh: Connection timed out during banner exchange: (?<nodes>node10 [^:]*) \(see: ", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Silent();

    [GeneratedRegex(@"^VmHWM:\s+(?<kb>\d+) kB", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Peak();

    [GeneratedRegex(@"limits:\s+memory: (?<mb>\d+)Mi", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Limit();
}

[CollectionDefinition(DisableParallelization = true)]
public sealed class ByItself;
