using System.Buffers;

namespace Stepper.Cluster.Kubernetes;

/// <summary>
/// The body of an answer, in borrowed memory that goes back when this is disposed of: pages of big lists are megabytes, one after the other, and each would else
/// be left for the garbage collector.
/// </summary>
internal sealed class PooledBody : IDisposable
{
    private const int AtFirst = 16 << 10;

    private byte[] _bytes;
    private int _length;

    private PooledBody(int room) => _bytes = ArrayPool<byte>.Shared.Rent(room);

    public ReadOnlyMemory<byte> Bytes => _bytes.AsMemory(0, _length);

    public static async Task<PooledBody> ReadAsync(HttpContent content, CancellationToken ct)
    {
        // One more than there is, so that its end is seen without more room.
        var body = new PooledBody(content.Headers.ContentLength is { } length and < int.MaxValue ? (int)length + 1 : AtFirst);
        await using var stream = await content.ReadAsStreamAsync(ct);
        while (await stream.ReadAsync(body.Room(), ct) is > 0 and var count)
        {
            body._length += count;
        }

        return body;
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
        _length = 0;
    }

    private Memory<byte> Room()
    {
        if (_length == _bytes.Length)
        {
            var bigger = ArrayPool<byte>.Shared.Rent(_bytes.Length * 2);
            Bytes.CopyTo(bigger);
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = bigger;
        }

        return _bytes.AsMemory(_length);
    }
}
