using System.Text.Json.Nodes;
using Stepper.Cluster;
using Stepper.Cluster.Kubernetes;
using Stepper.Cluster.Kubernetes.Objects;

namespace Stepper.StepRunner.State;

/// <summary>The run in flight, as the namespace's annotations have it.</summary>
/// <param name="SnapshotPath">Null until there is a snapshot.</param>
/// <param name="Progress">When the last milestone was reached; null before the first.</param>
/// <param name="NotReadyBefore">Whose pods were not ready before the run; null when that was not looked at.</param>
/// <param name="ParkedUntil">When the window opens again; null when the run is not parked.</param>
internal sealed record InFlight(Run Run, string? SnapshotPath, DateTimeOffset? Progress, DateTimeOffset? ParkedUntil, IReadOnlyList<string>? NotReadyBefore = null);

/// <summary>What the namespace says: the run in flight, if any, and the version of the object it was read from.</summary>
internal sealed record Flight(InFlight? InFlight, string ResourceVersion);

/// <summary>
/// The one place where a run is recorded: annotations on the namespace. Taking it is compare-and-swap on the namespace's resourceVersion, which makes it the
/// lock, whatever the target.
/// </summary>
internal sealed class RunState(KubeApi api, string ns, Annotations names, Wait wait)
{
    private const int KeptAtMost = 200;

    /// <exception cref="SourceException">The namespace is not there, or only half of what records a run is readable: never taken for "none".</exception>
    public async Task<Flight> ReadAsync(CancellationToken ct) => Read(await api.GetAsync(Resources.Namespaces, null, ns, ct));

    /// <summary>
    /// Records a run as the one in flight, if the namespace is still as it was read. Null when it has changed since: read again and decide again.
    /// Killed before the answer, the next try finds its own run there.
    /// </summary>
    /// <returns>The run in flight, as it is recorded then.</returns>
    public async Task<InFlight?> TryTakeAsync(Run run, Flight seen, CancellationToken ct) => (await TryAnnotateAsync(
        [(names.InFlight, run.StartText), (names.Target, run.Target.ToString()), (names.Progress, Now()), (names.SnapshotPath, null), (names.NotReadyBefore, null), (names.ParkedUntil, null), (names.ToldOfRefusal, null)],
        seen,
        ct))?.InFlight;

    /// <summary>Notes that the run has come further.</summary>
    public Task ProgressAsync(CancellationToken ct) => AnnotateAsync([(names.Progress, Now())], ct);

    /// <summary>Notes that the run waits for its window; null: that it does not any more.</summary>
    /// <returns>The run in flight, as it is recorded then.</returns>
    public async Task<InFlight?> ParkAsync(DateTimeOffset? until, CancellationToken ct) =>
        Read(await AnnotateAsync([(names.ParkedUntil, until is { } time ? KubeTime.Text(time) : null), (names.Progress, Now())], ct)).InFlight;

    /// <summary>Notes where the snapshot lies, and what is not ready before the run, for the comparison at its end.</summary>
    /// <param name="notReady">As many as fit well into an annotation are kept.</param>
    /// <returns>The run in flight, as it is recorded then.</returns>
    public async Task<InFlight?> SetSnapshotAsync(string path, IReadOnlyList<string> notReady, CancellationToken ct) => Read(await AnnotateAsync(
        [(names.SnapshotPath, path), (names.NotReadyBefore, string.Join(' ', notReady.Take(KeptAtMost))), (names.Progress, Now())], ct)).InFlight;

    /// <summary>
    /// Takes a run's record away, if the namespace is still as it was read; where its snapshot lies stays as <c>-last-snapshot</c>. False when it has changed
    /// since: read again and decide again.
    /// </summary>
    public async Task<bool> TryClearAsync(Flight seen, CancellationToken ct) => await TryAnnotateAsync(
        [
            (names.InFlight, null), (names.Target, null), (names.SnapshotPath, null), (names.Progress, null), (names.ParkedUntil, null), (names.NotReadyBefore, null),
            .. seen.InFlight?.SnapshotPath is { } path ? new (string, string?)[] { (names.LastSnapshot, path) } : [],
        ],
        seen,
        ct) is not null;

    private Flight Read(MetadataOnly @namespace)
    {
        var annotations = @namespace.Metadata.Annotations;
        var start = annotations.GetValueOrDefault(names.InFlight);
        var target = annotations.GetValueOrDefault(names.Target);
        if (start is null && target is null)
        {
            return new Flight(null, @namespace.Metadata.ResourceVersion);
        }

        var run = Run.Read(target, start)
            ?? throw new SourceException($"namespace {ns} has {names.InFlight}=\"{start}\" and {names.Target}=\"{target}\", which is no run; right them, or take both away");
        return new Flight(
            new InFlight(run, annotations.GetValueOrDefault(names.SnapshotPath), KubeTime.Find(annotations, names.Progress, $"namespace {ns}"), KubeTime.Find(annotations, names.ParkedUntil, $"namespace {ns}"),
                annotations.GetValueOrDefault(names.NotReadyBefore)?.Split(' ', StringSplitOptions.RemoveEmptyEntries)),
            @namespace.Metadata.ResourceVersion);
    }

    private string Now() => KubeTime.Text(wait.Now);

    // Null when the namespace has changed since it was seen.
    private async Task<Flight?> TryAnnotateAsync(IReadOnlyList<(string Name, string? Value)> values, Flight seen, CancellationToken ct)
    {
        try
        {
            return Read(await AnnotateAsync(values, ct, seen.ResourceVersion));
        }
        catch (KubeRefusedException e) when (e.IsConflict)
        {
            return null;
        }
    }

    private Task<MetadataOnly> AnnotateAsync(IReadOnlyList<(string Name, string? Value)> values, CancellationToken ct, string? resourceVersion = null)
    {
        var metadata = new JsonObject { ["annotations"] = new JsonObject(values.Select(value => KeyValuePair.Create(value.Name, (JsonNode?)value.Value))) };
        if (resourceVersion is not null)
        {
            metadata["resourceVersion"] = resourceVersion;
        }

        return api.MergeAsync(Resources.Namespaces, null, ns, new JsonObject { ["metadata"] = metadata }, ct);
    }
}
