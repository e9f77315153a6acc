using System.Net;

namespace Stepper.Simulation.Api;

/// <summary>Tells watches of changes: of those to come, and of the last ones of each kind, which it remembers.</summary>
internal sealed class WatchHub
{
    private readonly Dictionary<ResourceKind, Remembered> _kinds;
    private readonly ObjectStore _store;
    private readonly VirtualTime _time;
    private readonly int _remembers;

    /// <param name="remembers">How many changes of a kind are remembered.</param>
    public WatchHub(ObjectStore store, VirtualTime time, int remembers)
    {
        _store = store;
        _time = time;
        _remembers = remembers;
        _kinds = Kinds.All.ToDictionary(kind => kind, _ => new Remembered { ForgottenUpTo = store.ResourceVersion });
        store.Changed += Tell;
    }

    /// <summary>As if the server had just started: it remembers nothing of what was before.</summary>
    public void Forget()
    {
        foreach (var kind in _kinds.Values)
        {
            kind.Changes.Clear();
            kind.ForgottenUpTo = _store.ResourceVersion;
        }
    }

    /// <summary>Ends all connections that <paramref name="which"/> says, as a server does that stops.</summary>
    public void Close(Func<ResourceKind, bool> which)
    {
        foreach (var (kind, remembered) in _kinds)
        {
            if (which(kind))
            {
                remembered.Watches.ToList().ForEach(watch => watch.End());
            }
        }
    }

    /// <param name="from">Empty or 0: all that is there first, then what changes.</param>
    public WatchStream Open(ListScope scope, long from, WatchForm form, bool bookmarks, TimeSpan endsAfter)
    {
        var remembered = _kinds[scope.Kind];
        var watch = new WatchStream(scope, form, _store, _time, remembered.Watches);
        if (from == 0)
        {
            watch.Show(scope.In(_store));
        }
        else if (from < remembered.ForgottenUpTo)
        {
            watch.Refuse(new ApiRefusal(HttpStatusCode.Gone, "Expired", $"too old resource version: {from} ({remembered.ForgottenUpTo})"));
            return watch;
        }
        else
        {
            for (var at = remembered.FirstAfter(from); at is not null; at = at.Next)
            {
                watch.Tell(at.Value);
            }
        }

        watch.Start(bookmarks, endsAfter);
        return watch;
    }

    private void Tell(StoreChange change)
    {
        var remembered = _kinds[change.Kind];
        remembered.Changes.AddLast(change);
        if (remembered.Changes.Count > _remembers)
        {
            remembered.ForgottenUpTo = remembered.Changes.First!.Value.ResourceVersion;
            remembered.Changes.RemoveFirst();
        }

        foreach (var watch in remembered.Watches)
        {
            watch.Tell(change);
        }
    }

    private sealed class Remembered
    {
        public LinkedList<StoreChange> Changes { get; } = new();

        public List<WatchStream> Watches { get; } = [];

        public long ForgottenUpTo { get; set; }

        // From the end: who watches has just listed.
        public LinkedListNode<StoreChange>? FirstAfter(long resourceVersion)
        {
            LinkedListNode<StoreChange>? first = null;
            for (var at = Changes.Last; at is not null && at.Value.ResourceVersion > resourceVersion; at = at.Previous)
            {
                first = at;
            }

            return first;
        }
    }
}
