using System.Globalization;
using System.Text.Json.Nodes;

namespace Stepper.Simulation.Api;

/// <summary>How the objects of an answer are written: the event line of one object.</summary>
internal delegate byte[] WatchForm(string type, StoredObject stored);

/// <summary>The body of a watch's answer: a line of JSON for each change. A reader that waits is woken on the thread of the simulation, never inside the write.</summary>
internal sealed class WatchStream(ListScope scope, WatchForm form, ObjectStore store, VirtualTime time, List<WatchStream> open) : Stream
{
    // As often as a kube-apiserver's watch cache.
    private static readonly TimeSpan BookmarkEvery = TimeSpan.FromMinutes(1);

    private readonly Queue<byte[]> _lines = new();

    // How much of the first line has been read.
    private int _read;

    private TaskCompletionSource? _waiting;
    private ITimer? _end;
    private ITimer? _bookmark;
    private bool _ended;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public void Start(bool bookmarks, TimeSpan endsAfter)
    {
        open.Add(this);
        _end = time.CreateTimer(_ => End(), null, endsAfter, Timeout.InfiniteTimeSpan);
        if (bookmarks)
        {
            _bookmark = time.CreateTimer(_ => Write(Bookmark()), null, BookmarkEvery, BookmarkEvery);
        }
    }

    public void Show(IEnumerable<StoredObject> all)
    {
        foreach (var stored in all)
        {
            Write(form("ADDED", stored));
        }
    }

    /// <summary>A change is told if the object is one of those that are watched, or was one before.</summary>
    public void Tell(StoreChange change)
    {
        var had = scope.Has(change.Before);
        var has = change.Type != ChangeType.Deleted && scope.Has(change.Stored);
        if (has)
        {
            Write(form(had ? "MODIFIED" : "ADDED", change.Stored));
        }
        else if (had)
        {
            Write(form("DELETED", change.Type == ChangeType.Deleted ? change.Stored : AsItWas(change)));
        }
    }

    /// <summary>Says why not, and ends.</summary>
    public void Refuse(ApiRefusal refusal)
    {
        var line = new JsonObject { ["type"] = "ERROR", ["object"] = ApiStatus.Of(refusal) };
        Write(ApiAnswers.Bytes(line, newLine: true));
        End();
    }

    public void End()
    {
        _ended = true;
        Detach();
        Wake();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_lines.Count == 0 && !_ended)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var waiting = _waiting = new TaskCompletionSource();
            using var stop = cancellationToken.UnsafeRegister((_, token) => waiting.TrySetCanceled(token), null);
            await waiting.Task;
        }

        return Take(buffer.Span);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("A watch is read asynchronously.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        _ended = true;
        Detach();
        base.Dispose(disposing);
    }

    private static StoredObject AsItWas(StoreChange change)
    {
        var body = change.Old!.DeepClone().AsObject();
        body["metadata"]!["resourceVersion"] = change.ResourceVersion.ToString(CultureInfo.InvariantCulture);
        return new StoredObject(change.Kind, body, change.ResourceVersion);
    }

    private int Take(Span<byte> into)
    {
        var taken = 0;
        while (taken < into.Length && _lines.TryPeek(out var line))
        {
            var part = Math.Min(line.Length - _read, into.Length - taken);
            line.AsSpan(_read, part).CopyTo(into[taken..]);
            taken += part;
            _read += part;
            if (_read == line.Length)
            {
                _lines.Dequeue();
                _read = 0;
            }
        }

        return taken;
    }

    private void Write(byte[] line)
    {
        _lines.Enqueue(line);
        Wake();
    }

    private void Wake()
    {
        if (_waiting is { } waiting)
        {
            _waiting = null;
            time.After(TimeSpan.Zero, () => waiting.TrySetResult());
        }
    }

    private byte[] Bookmark()
    {
        var line = new JsonObject
        {
            ["type"] = "BOOKMARK",
            ["object"] = new JsonObject
            {
                ["kind"] = scope.Kind.Kind,
                ["apiVersion"] = scope.Kind.ApiVersion,
                ["metadata"] = new JsonObject { ["resourceVersion"] = store.ResourceVersion.ToString(CultureInfo.InvariantCulture), ["creationTimestamp"] = null },
            },
        };
        return ApiAnswers.Bytes(line, newLine: true);
    }

    private void Detach()
    {
        open.Remove(this);
        _end?.Dispose();
        _bookmark?.Dispose();
    }
}
