namespace Stepper.Cluster.Kubernetes;

/// <summary>The lines of a stream as they come. What a line may grow to is bounded: objects are, by what etcd takes.</summary>
internal sealed class LineReader(Stream from)
{
    private const int LongestLine = 16 << 20;

    private byte[] _bytes = new byte[16 << 10];
    private int _start;
    private int _end;

    /// <summary>The next line without its end, good until the next call; null at the end of the stream, and for what stands there without an end of line.</summary>
    /// <exception cref="SourceException">It is longer than any object can be.</exception>
    public async Task<ReadOnlyMemory<byte>?> NextAsync(CancellationToken ct)
    {
        var looked = _start;
        while (true)
        {
            if (Array.IndexOf(_bytes, (byte)'\n', looked, _end - looked) is >= 0 and var at)
            {
                var line = _bytes.AsMemory(_start, at - _start);
                _start = at + 1;
                return line;
            }

            looked = MakeRoom();
            if (await from.ReadAsync(_bytes.AsMemory(_end), ct) is not (> 0 and var count))
            {
                return null;
            }

            _end += count;
        }
    }

    // Where what comes next begins.
    private int MakeRoom()
    {
        var kept = _end - _start;
        if (_start == 0 && _end < _bytes.Length)
        {
            return kept;
        }

        if (kept == LongestLine)
        {
            throw new SourceException($"the API server sent a line of more than {LongestLine >> 20} MiB");
        }

        var room = kept < _bytes.Length ? _bytes : new byte[Math.Min(LongestLine, _bytes.Length * 2)];
        Buffer.BlockCopy(_bytes, _start, room, 0, kept);
        (_bytes, _start, _end) = (room, 0, kept);
        return kept;
    }
}
