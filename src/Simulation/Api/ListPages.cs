using System.Globalization;
using System.Net;

namespace Stepper.Simulation.Api;

/// <summary>
/// Lists in pages. The pages of one list show it as it was at its first page: what is left of it is kept for as long as etcd keeps old revisions, and then a
/// continuation is refused.
/// </summary>
internal sealed class ListPages(ObjectStore store, TimeProvider time)
{
    // How often a kube-apiserver has etcd compacted.
    private static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(5);

    private readonly Dictionary<long, Rest> _rests = [];
    private long _lastRest;

    /// <exception cref="ApiRefusal">410: the continuation is too old. 400: it is none.</exception>
    public ListPage Page(ListScope scope, int? limit, string? continuation)
    {
        var (items, version) = continuation is null ? (scope.In(store).ToList(), store.ResourceVersion) : Continue(scope, continuation);
        if (limit is not { } most || most <= 0 || items.Count <= most)
        {
            return new ListPage(items, version, Continue: null, Remaining: 0);
        }

        var rest = items[most..];
        _rests[++_lastRest] = new Rest(rest, version, time.GetUtcNow() + KeptFor);
        return new ListPage(items[..most], version, Token(_lastRest, rest[0]), scope.Labels is null && scope.Fields is null ? rest.Count : 0);
    }

    /// <summary>As if etcd had just been compacted.</summary>
    public void Forget() => _rests.Clear();

    private (List<StoredObject> Items, long ResourceVersion) Continue(ListScope scope, string continuation)
    {
        var now = time.GetUtcNow();
        foreach (var old in _rests.Where(pair => pair.Value.Until <= now).Select(pair => pair.Key).ToList())
        {
            _rests.Remove(old);
        }

        if (!TryRead(continuation, out var id, out var from))
        {
            throw ApiRefusal.BadRequest("invalid continue token: continue key is not valid: " + continuation);
        }

        if (_rests.TryGetValue(id, out var rest))
        {
            return (rest.Items, rest.ResourceVersion);
        }

        if (id == 0)
        {
            return (scope.In(store).Where(stored => Compare(stored, from) >= 0).ToList(), store.ResourceVersion);
        }

        throw new ApiRefusal(
            HttpStatusCode.Gone,
            "Expired",
            "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this "
            + "response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted "
            + "between the time the first chunk was returned and now may show up in the list.")
        {
            Continue = Encode(0, from.Namespace, from.Name),
        };
    }

    private static int Compare(StoredObject stored, (string Namespace, string Name) key)
    {
        var order = string.CompareOrdinal(stored.Namespace, key.Namespace);
        return order != 0 ? order : string.CompareOrdinal(stored.Name, key.Name);
    }

    private static string Token(long id, StoredObject next) => Encode(id, next.Namespace, next.Name);

    private static string Encode(long id, string ns, string name) =>
        Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}/{ns}/{name}"))).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    private static bool TryRead(string token, out long id, out (string Namespace, string Name) from)
    {
        id = 0;
        from = default;
        var padded = token.Replace('-', '+').Replace('_', '/');
        var bytes = new byte[padded.Length];
        if (!Convert.TryFromBase64String(padded.PadRight((padded.Length + 3) / 4 * 4, '='), bytes, out var length)
            || System.Text.Encoding.UTF8.GetString(bytes, 0, length).Split('/') is not [var number, var ns, var name])
        {
            return false;
        }

        from = (ns, name);
        return long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out id);
    }

    private sealed record Rest(List<StoredObject> Items, long ResourceVersion, DateTimeOffset Until);
}

/// <param name="Continue">Null for the last page.</param>
/// <param name="Remaining">How many come after this page; 0 also where that is not said, because of a selector.</param>
internal sealed record ListPage(IReadOnlyList<StoredObject> Items, long ResourceVersion, string? Continue, int Remaining);
