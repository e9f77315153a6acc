using System.Runtime.CompilerServices;
using Stepper.Cluster.Kubernetes.Objects;

namespace Stepper.Cluster.Kubernetes;

/// <summary>A list that is kept up to date: listed, watched from there on, and listed again when the server has forgotten where the watch was.</summary>
internal sealed class KubeObservation<T>(KubeApi api, KubeSender sender, Wait wait, ResourceType<T> type, string? ns, KubeQuery query)
    where T : class, IKubeObject
{
    // How many connections in a row have told nothing.
    private int _barren;

    public async IAsyncEnumerable<IReadOnlyDictionary<string, T>> RunAsync([EnumeratorCancellation] CancellationToken ct)
    {
        while (true)
        {
            // What was deleted while nobody watched is not in it, also where another object has its name by now.
            var list = await api.ListAsync(type, ns, query, ct);
            var known = list.Items.ToDictionary(item => item.Metadata.Uid, StringComparer.Ordinal);
            yield return known;

            await foreach (var change in ChangesAsync(list.ResourceVersion, ct))
            {
                Take(change, known);
                yield return known;
            }
        }
    }

    /// <summary>From a watch on, that first tells all that is there. Listed as soon as that one ends: how much of it was told nobody knows.</summary>
    public async IAsyncEnumerable<IReadOnlyDictionary<string, T>> RunWithoutListAsync([EnumeratorCancellation] CancellationToken ct)
    {
        var known = new Dictionary<string, T>(StringComparer.Ordinal);
        using (var watch = new KubeWatch<T>(sender, wait, type))
        {
            await watch.OpenAsync(ns, query, from: null, ct);
            while (await watch.NextAsync(ct) is { } change)
            {
                if (change.Object is not null)
                {
                    Take(change, known);
                    yield return known;
                }
            }
        }

        await foreach (var state in RunAsync(ct))
        {
            yield return state;
        }
    }

    private static void Take(WatchChange<T> change, Dictionary<string, T> known)
    {
        if (change.IsDeletion)
        {
            known.Remove(change.Object!.Metadata.Uid);
        }
        else
        {
            known[change.Object!.Metadata.Uid] = change.Object;
        }
    }

    // Changes since a resourceVersion; ends when the server has forgotten that one.
    private async IAsyncEnumerable<WatchChange<T>> ChangesAsync(string from, [EnumeratorCancellation] CancellationToken ct)
    {
        for (var isExpired = false; !isExpired;)
        {
            using var watch = new KubeWatch<T>(sender, wait, type);
            await watch.OpenAsync(ns, query, from, ct);
            _barren++;
            while (await watch.NextAsync(ct) is { } change)
            {
                _barren = 0;
                from = change.ResourceVersion;
                if (change.Object is not null)
                {
                    yield return change;
                }
            }

            isExpired = watch.IsExpired;
            // Ended by the server or cut: it goes on from where it was, and not in a busy loop.
            await wait.ForAsync(Patience.After(1 + _barren), ct);
        }
    }
}
