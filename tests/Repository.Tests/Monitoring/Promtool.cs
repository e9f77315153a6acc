using System.ComponentModel;
using System.Diagnostics;

namespace Stepper.Repository.Tests.Monitoring;

/// <summary>The program that comes with Prometheus and checks what it would load.</summary>
internal static class Promtool
{
    /// <returns>Its exit code, and what it said of what is wrong.</returns>
    public static async Task<(int ExitCode, string Said)> RunAsync(params IEnumerable<string> arguments)
    {
        using var process = new Process { StartInfo = new ProcessStartInfo("promtool", arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true } };
        // It lives for a moment only, and collecting what it leaves takes a third of that.
        process.StartInfo.Environment["GOGC"] = "off";
        try
        {
            process.Start();
        }
        catch (Win32Exception)
        {
            Assert.Fail("There is no promtool on the path: tests/install.sh installs it, with Debian's package prometheus.");
        }

        var said = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, string.Concat(said));
    }

    public static async Task MustPassAsync(params IEnumerable<string> arguments)
    {
        var (exitCode, said) = await RunAsync(arguments);
        exitCode.ShouldBe(0, said);
    }
}
