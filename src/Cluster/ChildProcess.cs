using System.Buffers;
using System.Diagnostics;
using System.Text;

namespace Stepper.Cluster;

/// <summary>How a program that was run on this machine ended.</summary>
/// <param name="IsCut">It wrote more than is read of it; the rest is lost.</param>
internal sealed record ChildExit(int ExitCode, byte[] Output, string Error, bool IsCut);

/// <summary>The one place where programs are started on this machine: <c>ssh</c>, and the exec plugins of a kubeconfig.</summary>
internal static class ChildProcess
{
    private const int MostOutput = 4 << 20;
    private const int MostError = 64 << 10;

    /// <summary>Runs a program to its end. When cancelled that process is killed, and nothing that it had started.</summary>
    /// <param name="input">Its standard input; null for none.</param>
    /// <exception cref="System.ComponentModel.Win32Exception">There is no such program, or it can't be started.</exception>
    public static async Task<ChildExit> RunAsync(ProcessStartInfo start, byte[]? input, CancellationToken ct)
    {
        start.UseShellExecute = false;
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        ct.ThrowIfCancellationRequested();
        using var process = new Process { StartInfo = start };
        process.Start();
        try
        {
            var output = ReadAsync(process.StandardOutput.BaseStream, MostOutput);
            var error = ReadAsync(process.StandardError.BaseStream, MostError);
            await Task.WhenAll(output, error, WriteAsync(process.StandardInput.BaseStream, input)).WaitAsync(ct);
            await process.WaitForExitAsync(ct);
            ct.ThrowIfCancellationRequested();

            var (bytes, isCut) = await output;
            return new ChildExit(process.ExitCode, bytes, Encoding.UTF8.GetString((await error).Bytes), isCut);
        }
        catch (OperationCanceledException)
        {
            // Here, and not by a registration of its own: what waits is told first, and takes that registration away.
            Kill(process);
            throw;
        }
    }

    // Read to its end also past what is kept: a full pipe would hold the program up.
    private static async Task<(byte[] Bytes, bool IsCut)> ReadAsync(Stream from, int most)
    {
        using var kept = new MemoryStream();
        var buffer = ArrayPool<byte>.Shared.Rent(16 << 10);
        var isCut = false;
        try
        {
            while (await from.ReadAsync(buffer) is > 0 and var count)
            {
                var room = (int)Math.Min(count, most - kept.Length);
                kept.Write(buffer, 0, room);
                isCut |= room < count;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return (kept.ToArray(), isCut);
    }

    private static async Task WriteAsync(Stream to, byte[]? input)
    {
        try
        {
            await using (to)
            {
                await to.WriteAsync(input ?? []);
            }
        }
        catch (IOException)
        {
            // It ended, or closed its input, before it had read all. Its exit code says what that means.
        }
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended meanwhile.
        }
    }
}
