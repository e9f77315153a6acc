using System.Diagnostics;

namespace Stepper.EndToEnd.Tests;

/// <summary>The real kubectl, asking one cluster.</summary>
/// <param name="kubeconfig">Of the cluster and the user.</param>
/// <param name="home">Where it keeps its cache.</param>
internal sealed class Kubectl(string kubeconfig, string home)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>False when there is no kubectl on the path.</summary>
    public static bool IsThere { get; } = Look();

    /// <summary>Runs it, and gives back what it printed.</summary>
    public string Run(params string[] arguments)
    {
        var (code, output, error) = Try(null, arguments);
        code.ShouldBe(0, $"kubectl {string.Join(' ', arguments)}: {error}");
        return output;
    }

    /// <summary>Runs it with a file on its standard input.</summary>
    public string RunWith(string input, params string[] arguments)
    {
        var (code, output, error) = Try(input, arguments);
        code.ShouldBe(0, $"kubectl {string.Join(' ', arguments)}: {error}");
        return output;
    }

    /// <summary>Runs it, and gives back what it complained of.</summary>
    public string Fail(string? input, params string[] arguments)
    {
        var (code, output, error) = Try(input, arguments);
        code.ShouldNotBe(0, output);
        return error;
    }

    private (int Code, string Output, string Error) Try(string? input, params string[] arguments)
    {
        var start = new ProcessStartInfo("kubectl", ["--kubeconfig", kubeconfig, "--cache-dir", Path.Combine(home, "cache"), .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            Environment = { ["HOME"] = home },
        };
        using var process = Process.Start(start)!;
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Patience))
        {
            process.Kill();
            process.WaitForExit();
            return (-1, output.GetAwaiter().GetResult(), $"still ran after {Patience.TotalSeconds} s; {error.GetAwaiter().GetResult()}");
        }

        return (process.ExitCode, output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
    }

    private static bool Look()
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("kubectl", ["version", "--client"]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true });
            return process is not null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
