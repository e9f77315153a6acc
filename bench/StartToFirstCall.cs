using System.Diagnostics;
using System.Net;
using Stepper.EndToEnd.Tests;
using Stepper.Loopback;
using Stepper.Simulation;

namespace Stepper.Bench;

/// <summary>From the start of the process until the API server has its first request: the runtime, the settings, TLS.</summary>
internal static class StartToFirstCall
{
    private const int Times = 15;

    /// <param name="environment">What the image sets; empty where there is none.</param>
    public static async Task<IReadOnlyList<Budget>> MeasureAsync(string executable, IReadOnlyList<string> environment)
    {
        var directory = Directory.CreateTempSubdirectory("stepper-bench-").FullName;
        using var pacer = new Pacer(new VirtualTime(TimeProvider.System.GetUtcNow()), speed: 1);
        var clock = new Stopwatch();
        var first = TimeSpan.Zero;
        await using var api = await LoopbackServer.StartAsync(
            (_, _) =>
            {
                first = first == TimeSpan.Zero ? clock.Elapsed : first;
                // Which is not asked again.
                return Task.FromResult(new HttpResponseMessage(HttpStatusCode.Unauthorized) { Content = new StringContent("") });
            },
            pacer,
            directory);
        var kubeconfig = api.WriteKubeconfig("none");
        List<double> taken = [];
        // One more than is counted: this process's own TLS is compiled by then.
        for (var time = 0; time <= Times; time++)
        {
            first = TimeSpan.Zero;
            clock.Restart();
            await using var program = new RunningProgram("/usr/bin/env", ["-i", $"KUBECONFIG={kubeconfig}", "DOTNET_EnableDiagnostics=0", .. environment, executable, "detect"]);
            await program.Exited;
            taken.Add(first.TotalMilliseconds);
        }

        Directory.Delete(directory, recursive: true);
        var sorted = taken.Skip(1).Order().ToList();
        return [new Budget("start to first API call, median", sorted[Times / 2], 150, "ms", $"{sorted[0]:0} to {sorted[^1]:0} ms in {Times} starts")];
    }
}
