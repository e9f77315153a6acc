using System.Net;
using System.Text.Json.Nodes;
using Stepper.Simulation;
using Stepper.Simulation.Api;
using Stepper.StepRunner.Phases.Parts;

namespace Stepper.StepRunner.Tests.Phases.Parts;

public sealed class SmokeTestsTests
{
    private readonly TestCluster _cluster = new();

    [Fact]
    public void AClusterThatIsWellPasses()
    {
        _cluster.Run(Tests(_cluster.Client()).MustPassAsync(default));

        _cluster.Said.ShouldBeEmpty();
    }

    [Fact]
    public void OutsideAPodTheClustersDnsIsNotAskedAndThatIsSaid()
    {
        _cluster.Run(new SmokeTests(_cluster.Api, Names(HttpRequestError.NameResolutionError), inPod: false, _cluster.Wait, _cluster.Said.Add).MustPassAsync(default));

        _cluster.Said.ShouldBe(["the cluster's DNS is not asked: this is no pod"]);
    }

    [Fact]
    public void ANameThatIsNotResolvedAborts() =>
        _cluster.AbortOf(Tests(Names(HttpRequestError.NameResolutionError)).MustPassAsync(default)).ShouldStartWith(
            "Smoke tests failed: the name kubernetes.default.svc was not resolved: ");

    [Fact]
    public void ANameThatIsResolvedIsEnoughWhateverAnswers() => _cluster.Run(Tests(Names(HttpRequestError.SecureConnectionError)).MustPassAsync(default));

    [Fact]
    public void ANameUnderWhichNothingAnswersAborts()
    {
        var began = _cluster.Wait.Now;

        _cluster.AbortOf(Tests(new HttpClient(new Silent()) { Timeout = Timeout.InfiniteTimeSpan }).MustPassAsync(default)).ShouldBe(
            "Smoke tests failed: nothing answered under the name kubernetes.default.svc within 60 s");

        (_cluster.Wait.Now - began).ShouldBe(TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void AllThatFailedIsSaidAtOnce()
    {
        foreach (var pod in _cluster.Sim.Store.List(Kinds.Pod, "kube-system").Where(pod => pod.Name().StartsWith("coredns-", StringComparison.Ordinal)).ToList())
        {
            _cluster.Sim.Registry.Change(Kinds.Pod, "kube-system", pod.Name(), changed => changed.SetCondition("Ready", "False", null, null, _cluster.Wait.Now));
        }

        var abort = _cluster.AbortOf(Tests(Names(HttpRequestError.NameResolutionError)).MustPassAsync(default));

        abort.ShouldContain("the name kubernetes.default.svc was not resolved");
        abort.ShouldMatch("coredns-[a-z0-9-]+ is Running and not Ready, coredns-[a-z0-9-]+ is Running and not Ready");
    }

    [Theory]
    [InlineData("cloud-controller-manager", "control-plane", null)]
    [InlineData("kube-vip", null, null)]
    public void WhatOthersRunBesideTheControlPlaneIsNotItsOwn(string component, string? tier, string? app)
    {
        AddUnready(component, tier, app);

        _cluster.Run(Tests(_cluster.Client()).MustPassAsync(default));
    }

    [Theory]
    [InlineData("etcd", "control-plane", null)]
    [InlineData(null, null, "coredns")]
    public void AnEtcdOrDnsPodThatIsNotReadyAborts(string? component, string? tier, string? app)
    {
        AddUnready(component, tier, app);

        _cluster.AbortOf(Tests(_cluster.Client()).MustPassAsync(default)).ShouldContain("added is ");
    }

    [Fact]
    public void AnApiServerThatIsNotReadyAborts()
    {
        _cluster.Sim.Api.Faults.Answer(call => call.Resource == "/readyz", HttpStatusCode.InternalServerError, "", "[-]etcd failed");

        _cluster.AbortOf(Tests(_cluster.Client()).MustPassAsync(default)).ShouldStartWith("Smoke tests failed: /readyz answered 500: ");
    }

    private void AddUnready(string? component, string? tier, string? app)
    {
        var labels = new JsonObject();
        foreach (var (name, value) in new[] { ("component", component), ("tier", tier), ("k8s-app", app) })
        {
            if (value is not null)
            {
                labels[name] = value;
            }
        }

        _cluster.Sim.Create(new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Pod",
            ["metadata"] = new JsonObject { ["name"] = "added", ["namespace"] = "kube-system", ["labels"] = labels },
            ["spec"] = new JsonObject { ["nodeSelector"] = new JsonObject { ["no"] = "such-node" }, ["containers"] = new JsonArray(new JsonObject { ["name"] = "main", ["image"] = "registry.local/other:1" }) },
        });
    }

    private SmokeTests Tests(HttpClient network) => new(_cluster.Api, network, inPod: true, _cluster.Wait, _cluster.Said.Add);

    // The simulated network resolves every name.
    private static HttpClient Names(HttpRequestError error) => new(new Unresolved(error));

    private sealed class Unresolved(HttpRequestError error) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            throw new HttpRequestException(error, "Name or service not known");
    }

    private sealed class Silent : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var never = new TaskCompletionSource<HttpResponseMessage>();
            using var stop = cancellationToken.UnsafeRegister((_, token) => never.TrySetCanceled(token), null);
            return await never.Task;
        }
    }
}
