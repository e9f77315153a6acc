using Stepper.Simulation.Controllers;

namespace Stepper.Simulation.Processes;

/// <summary>A watch as one process reads it: each piece takes its time on the way, and it ends when the API server does.</summary>
/// <param name="cut">Cancelled when the connection is lost.</param>
internal sealed class ProcessStream(ControlPlane plane, Stream inner, Seams seams, CancellationToken cut) : Stream
{
    private static readonly TimeSpan Latency = TimeSpan.FromMilliseconds(3);

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, cut);
        try
        {
            var read = await inner.ReadAsync(buffer, either.Token);
            await seams.HopAsync(Latency, cancellationToken);
            return read;
        }
        catch (OperationCanceledException lost) when (cut.IsCancellationRequested)
        {
            await seams.HopAsync(Latency, CancellationToken.None);
            throw new IOException($"The connection was cut at {plane.Now:HH:mm:ss}.", lost);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("A watch is read without blocking.");

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
