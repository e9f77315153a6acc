using Stepper.Cluster;
using Stepper.Cluster.Kubernetes;
using Stepper.Cluster.Nodes;
using Stepper.Cluster.Versions;
using Stepper.Detection;
using Stepper.StepRunner.Gates.Compatibility;
using Stepper.StepRunner.Spawning;
using Stepper.StepRunner.State;

namespace Stepper.StepRunner.Reporting;

/// <summary>Reads what a report is made of, live: neither gauges nor messages are asked, which may be old or gone. What can't be read keeps nothing else from being read.</summary>
internal sealed class ReportReader(
    KubeApi api, string ns, NodeList nodes, RunState state, ChainJobs jobs, Func<CancellationToken, Task<Detected>> detect, Func<KubeVersion, CancellationToken, Task<Plan>> plan,
    Func<KubeVersion, CancellationToken, Task<CompatibilityReport?>> nextMinor, Wait wait)
{
    private const string Detections = "app=k8s-version-upgrade";

    private readonly List<string> _unread = [];

    public async Task<ReportFacts> ReadAsync(CancellationToken ct)
    {
        var live = await TryAsync("the nodes", () => nodes.ListAsync(ct));
        var seen = await TryAsync("the run in flight", () => state.ReadAsync(ct));
        var chain = await TryAsync("the chain's Jobs", () => jobs.ListAsync(ct));
        var past = await TryAsync("detection's Jobs", () => PastAsync(ct));
        var choice = seen is { InFlight: null } ? (await TryAsync("what can be upgraded to", () => detect(ct)))?.Choice : null;
        var answers = choice?.Target is { } target ? await TryAsync("the gates", () => plan(target, ct)) : null;
        // Where the target is of the next minor, its gates have been asked.
        var next = choice is { Kind: not UpgradeKind.Minor } ? await TryAsync("whether the next minor is ready", () => nextMinor(choice.Running, ct)) : null;
        return new ReportFacts(wait.Now, live, seen, chain, past, choice, answers, next, _unread);
    }

    private async Task<IReadOnlyList<PastDetection>> PastAsync(CancellationToken ct) =>
    [
        .. from job in (await api.ListAsync(Resources.Jobs, ns, new KubeQuery(Labels: Detections), ct)).Items
           let ended = job.Status.Conditions.FirstOrDefault(condition => condition is { Type: "Complete" or "Failed", IsTrue: true })?.LastTransitionTime
           where ended is not null
           select new PastDetection(job.Metadata.Name, ended.Value, job.IsFailed),
    ];

    private async Task<T?> TryAsync<T>(string what, Func<Task<T>> read)
        where T : class?
    {
        try
        {
            return await read();
        }
        catch (SourceException e)
        {
            _unread.Add($"{what}: {e.Message}");
            return null;
        }
    }
}
