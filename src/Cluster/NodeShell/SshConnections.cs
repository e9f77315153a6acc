namespace Stepper.Cluster.NodeShell;

/// <summary>
/// The connections to all nodes, of which only so many are open: each is a process of its own, and a thousand nodes would take more memory than a pod has.
/// The one that nobody has used for longest is closed for a new one.
/// </summary>
/// <param name="most">At least as many as commands run at a time.</param>
internal sealed class SshConnections(int most, Func<NodeTarget, SshConnection> make) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly List<Entry> _byLastUse = [];

    public async Task<T> UseAsync<T>(NodeTarget node, Func<SshConnection, Task<T>> work)
    {
        var (entry, tooMany) = Take(node);
        try
        {
            if (tooMany is not null)
            {
                await tooMany.DisposeAsync();
            }

            return await work(entry.Connection);
        }
        finally
        {
            lock (_lock)
            {
                entry.Users--;
            }
        }
    }

    public async ValueTask DisposeAsync() => await Task.WhenAll(_byLastUse.Select(entry => entry.Connection.DisposeAsync().AsTask()));

    private (Entry Entry, SshConnection? TooMany) Take(NodeTarget node)
    {
        lock (_lock)
        {
            var entry = _byLastUse.Find(each => each.Node == node) ?? new Entry(node, make(node));
            _byLastUse.Remove(entry);
            _byLastUse.Add(entry);
            entry.Users++;
            var idle = _byLastUse.Count > most ? _byLastUse.Find(each => each.Users == 0) : null;
            if (idle is not null)
            {
                _byLastUse.Remove(idle);
            }

            return (entry, idle?.Connection);
        }
    }

    private sealed class Entry(NodeTarget node, SshConnection connection)
    {
        public NodeTarget Node => node;

        public SshConnection Connection => connection;

        public int Users { get; set; }
    }
}
