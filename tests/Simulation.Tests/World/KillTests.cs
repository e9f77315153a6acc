using System.Text.Json.Nodes;
using Stepper.Cluster;
using Stepper.Cluster.Kubernetes;
using Stepper.Simulation.Api;
using Stepper.Simulation.Processes;
using Stepper.Simulation.Shapes;

namespace Stepper.Simulation.Tests.World;

public sealed class KillTests
{
    private readonly Story _story = new Story().WithRights();
    private readonly List<string> _said = [];

    [Theory]
    [InlineData(Moment.Before, 0)]
    [InlineData(Moment.AfterItTookEffect, 1)]
    public void AProcessThatIsKilledAtACallNeverComesBack(Moment moment, int made)
    {
        Program(async (api, process) =>
        {
            try
            {
                await api.CreateAsync(Resources.ConfigMaps, "default", Map(), process.Terminated);
                _said.Add("made");
            }
            finally
            {
                _said.Add("finally");
            }

            return 0;
        });
        _story.Cluster.Kills = (call, at) => call.Index == 0 && at == moment;

        _story.Pass(10);

        _said.ShouldBeEmpty();
        _story.Cluster.Store.List(Kinds.ConfigMap, "default").Count().ShouldBe(made);
        var pod = _story.PodsOf("program").Single();
        pod.Text("status", "phase").ShouldBe("Failed");
        pod.Items("status", "containerStatuses").Single().Number("state", "terminated", "exitCode").ShouldBe(137);
    }

    [Fact]
    public void AJobsNextPodGoesOnAfterAKill()
    {
        Program(async (api, process) =>
        {
            if (await api.FindAsync(Resources.ConfigMaps, "default", "made", process.Terminated) is null)
            {
                await api.CreateAsync(Resources.ConfigMaps, "default", Map(), process.Terminated);
            }

            return 0;
        });
        _story.Cluster.Kills = (call, at) => call.Index == 1 && at == Moment.AfterItTookEffect;

        _story.Cluster.Time.RunUntil(() => _story.Job("program").HasCondition("Complete"));

        _story.PodsOf("program").Select(pod => pod.Text("status", "phase")).ShouldBe(["Failed", "Succeeded"], ignoreOrder: true);
        _story.Cluster.Journal.Entries.Select(entry => $"{entry.Call.Index} {entry.Call.What} {entry.Outcome}").ShouldBe(
        [
            "0 GET /api/v1/namespaces/default/configmaps/made 404",
            "1 POST /api/v1/namespaces/default/configmaps?fieldValidation=Strict 201",
            "2 GET /api/v1/namespaces/default/configmaps/made 200",
        ]);
    }

    [Fact]
    public void NoTimerAndNoWatchOfAKilledProcessGoesOn()
    {
        Program(async (api, process) =>
        {
            var ticking = TickAsync(process);
            await foreach (var pods in api.ObserveAsync(Resources.Pods, "default", KubeQuery.All, process.Terminated))
            {
                _said.Add($"{pods.Count} pods");
            }

            await ticking;
            return 0;
        });
        _story.Pass(20);
        _said.ShouldNotBeEmpty();
        var said = _said.Count;

        _story.Cluster.KillProcess("default", _story.PodsOf("program").Single().Name());
        _story.Cluster.Create(Workloads.Job("default", "other", "other:1"));
        _story.Pass(5);

        _said.Count.ShouldBe(said);

        async Task TickAsync(PodProcess process)
        {
            while (true)
            {
                await new Wait(process.Time).ForAsync(TimeSpan.FromSeconds(1), process.Terminated);
                _said.Add("tick");
            }
        }
    }

    [Fact]
    public void AnEvictionTellsTheProcessToEndAndKillsItWhenTheGraceIsOver()
    {
        Program(async (_, process) =>
        {
            using var told = process.Terminated.Register(() => _said.Add($"told at {process.Time.GetUtcNow() - _story.Cluster.Start:mm\\:ss}"));
            await new Wait(process.Time).ForAsync(TimeSpan.FromHours(1), CancellationToken.None);
            return 0;
        });
        _story.Pass(10);
        var pod = _story.PodsOf("program").Single();

        _story.Ask(async api => await api.EvictAsync((await api.ListAsync(Resources.Pods, "default", KubeQuery.Named(pod.Name()), default)).Items[0], 45, dryRun: false, default))
            .Outcome.ShouldBe(EvictionOutcome.Granted);
        var gone = _story.When(() => _story.Cluster.Find(Kinds.Pod, "default", pod.Name()) is null);

        _said.ShouldBe(["told at 00:10"]);
        gone.ShouldBeInRange(TimeSpan.FromSeconds(55), TimeSpan.FromSeconds(57));
    }

    [Fact]
    public void AProcessThatEndsWhenItIsToldLeavesItsExitCode()
    {
        Program(async (_, process) =>
        {
            try
            {
                await new Wait(process.Time).ForAsync(TimeSpan.FromHours(1), process.Terminated);
                return 0;
            }
            catch (OperationCanceledException)
            {
                return 143;
            }
        });
        _story.Pass(10);
        var exitCodes = new List<int>();
        _story.Cluster.Store.Changed += change =>
        {
            if (change.Kind == Kinds.Pod && change.Object.Items("status", "containerStatuses").FirstOrDefault().NumberOrNull("state", "terminated", "exitCode") is { } code)
            {
                exitCodes.Add(code);
            }
        };

        _story.Cluster.Evict("default", _story.PodsOf("program").Single().Name());
        _story.Pass(5);

        exitCodes.ShouldContain(143);
    }

    [Fact]
    public void TheSameSeedGivesTheSameJournalAndAnotherSeedAnother()
    {
        string Journal(int seed)
        {
            var story = new Story(seed: seed).WithRights();
            story.Cluster.Programs.Set("program", async process =>
            {
                using var http = new HttpClient(process.Network) { BaseAddress = new Uri("https://kubernetes.default.svc/"), Timeout = Timeout.InfiniteTimeSpan };
                var api = new KubeApi(http, new Wait(process.Time), _ => { });
                await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => api.ListAsync(Resources.Nodes, null, KubeQuery.All, process.Terminated)));
                return 0;
            });
            story.Cluster.Create(Workloads.Job("default", "program", "program:1"));
            story.Cluster.Time.RunUntil(() => story.Job("program").HasCondition("Complete"));
            story.Cluster.Journal.Entries.Count.ShouldBe(20);
            return story.Cluster.Journal.Hash;
        }

        Journal(7).ShouldBe(Journal(7));
        Journal(7).ShouldNotBe(Journal(8));
    }

    [Fact]
    public void WhatAProgramThrowsIsACrashAndIsSaid()
    {
        Program((_, _) => throw new InvalidOperationException("a bug"));

        _story.Pass(10);

        _story.Cluster.Crashes.Single().ShouldContain("a bug");
        _story.Cluster.LogOf(_story.PodsOf("program").Single()).ShouldStartWith("Unhandled exception. System.InvalidOperationException: a bug");
    }

    private void Program(Func<KubeApi, PodProcess, Task<int>> run)
    {
        _story.Cluster.Programs.Set("program", async process =>
        {
            using var http = new HttpClient(process.Network) { BaseAddress = new Uri("https://kubernetes.default.svc/"), Timeout = Timeout.InfiniteTimeSpan };
            return await run(new KubeApi(http, new Wait(process.Time), _ => { }), process);
        });
        _story.Cluster.Create(Workloads.Job("default", "program", "program:1"));
    }

    private static JsonObject Map() => JsonNode.Parse("""{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "made"}}""")!.AsObject();
}
