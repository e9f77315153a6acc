using System.Text.Json.Nodes;
using Stepper.Cluster;
using Stepper.Cluster.Kubernetes;
using Stepper.Simulation.Api;
using Stepper.Simulation.Shapes;

namespace Stepper.Simulation.Tests.World;

/// <summary>A simulated cluster, with what tests ask of one.</summary>
internal sealed class Story(ClusterShape? shape = null, int seed = 1)
{
    public SimulatedCluster Cluster { get; } = new(shape ?? ClusterShapes.Default(), seed);

    public IReadOnlyList<JsonObject> PodsOf(string job) =>
        [.. Cluster.Store.List(Kinds.Pod, "default").Where(pod => pod.Labels().GetValueOrDefault("job-name") == job)];

    public JsonObject Job(string name) => Cluster.Find(Kinds.Job, "default", name)!;

    public JsonObject Pod(string name, string ns = "default") => Cluster.Find(Kinds.Pod, ns, name)!;

    public JsonObject PodWith(string app, string ns = "default") =>
        Cluster.Store.List(Kinds.Pod, ns).First(pod => pod.Labels().GetValueOrDefault("app") == app && !pod.IsBeingDeleted());

    /// <summary>How long after the start of the story something was so for the first time.</summary>
    public TimeSpan When(Func<bool> holds)
    {
        Cluster.Time.RunUntil(holds);
        return Cluster.Time.GetUtcNow() - Cluster.Start;
    }

    public void Pass(double seconds) => Cluster.Time.Pass(TimeSpan.FromSeconds(seconds));

    public T Ask<T>(Func<KubeApi, Task<T>> work)
    {
        using var http = new HttpClient(Cluster.Network()) { BaseAddress = new Uri("https://kubernetes.default.svc/"), Timeout = Timeout.InfiniteTimeSpan };
        return Cluster.Time.RunUntil(work(new KubeApi(http, new Wait(Cluster.Time), _ => { })));
    }

    public void ChangeNode(string node, Action<JsonObject> change) => Cluster.Registry.Change(Kinds.Node, null, node, change);

    public void Cordon(string node, bool cordoned = true) => ChangeNode(node, body => body["spec"]!["unschedulable"] = cordoned);

    /// <summary>Lets every pod of the namespace default ask the API for what it likes.</summary>
    public Story WithRights()
    {
        Rights.ToEverything(Cluster, "default", "default");

        return this;
    }
}
