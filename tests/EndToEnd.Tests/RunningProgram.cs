using System.Collections.Concurrent;
using System.Diagnostics;

namespace Stepper.EndToEnd.Tests;

/// <summary>A program of this machine that runs beside the tests; it ends with this object at the latest.</summary>
internal sealed class RunningProgram : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly Process _process;

    /// <param name="told">Gets each line of its output and of its errors, on another thread.</param>
    public RunningProgram(string program, IEnumerable<string> arguments, Action<string>? told = null)
    {
        _process = new Process
        {
            StartInfo = new ProcessStartInfo(program, arguments)
            {
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        _process.OutputDataReceived += Tell;
        _process.ErrorDataReceived += Tell;
        _process.Start();
        _process.StandardInput.Close();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        Exited = ExitAsync();

        void Tell(object from, DataReceivedEventArgs line)
        {
            if (line.Data is { } text)
            {
                _lines.Enqueue(text);
                told?.Invoke(text);
            }
        }
    }

    public int Id => _process.Id;

    /// <summary>Its exit code, after the last line of what it said.</summary>
    public Task<int> Exited { get; }

    /// <summary>All that it said.</summary>
    public string Said => string.Join('\n', _lines);

    /// <summary>Runs a program to its end.</summary>
    /// <returns>What it said.</returns>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public static async Task<string> RunAsync(string program, params IEnumerable<string> arguments)
    {
        await using var running = new RunningProgram(program, arguments);
        return await running.Exited == 0 ? running.Said : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {await running.Exited}: {running.Said}");
    }

    /// <summary>SIGTERM to a process.</summary>
    public static Task TerminateAsync(int id) => RunAsync("kill", "-TERM", $"{id}");

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        await Exited;
        _process.Dispose();
    }

    private async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }
}
