using System.Net;
using System.Text.Json.Nodes;
using Stepper.StepRunner.Gates;

namespace Stepper.StepRunner.Tests.Gates;

public sealed class KillSwitchGateTests
{
    private readonly TestCluster _cluster = new();

    [Fact]
    public void WithoutTheConfigMapItIsOff() => _cluster.Ask(Gate).ShouldBe(Verdict.Holds);

    [Fact]
    public void WithItTheReasonIsShownAndHowToGoOn()
    {
        Pull(new JsonObject { ["reason"] = "Black Friday" });

        _cluster.Ask(Gate).ShouldRefuseAsDecided(
            "the kill switch is on (Black Friday); to go on: kubectl -n k8s-upgrade delete configmap k8s-upgrade-killswitch");
    }

    [Fact]
    public void WithoutAReasonItIsOnToo()
    {
        Pull([]);

        _cluster.Ask(Gate).Reason.ShouldStartWith("the kill switch is on (no reason given)");
    }

    [Fact]
    public void AReadThatFailsIsAnAbortAndNotOff()
    {
        _cluster.Sim.Api.Faults.Answer(call => call.Resource == "configmaps", HttpStatusCode.Forbidden, "Forbidden", "configmaps is forbidden", times: 100);

        var verdict = _cluster.Ask(Gate);

        verdict.Kind.ShouldBe(VerdictKind.Aborts);
        verdict.Reason.ShouldStartWith("can't tell (waiting for the kill switch to be off): ");
    }

    private KillSwitchGate Gate => new(_cluster.Api, "k8s-upgrade");

    private void Pull(JsonObject data) => _cluster.Sim.Create(new JsonObject
    {
        ["apiVersion"] = "v1",
        ["kind"] = "ConfigMap",
        ["metadata"] = new JsonObject { ["name"] = "k8s-upgrade-killswitch", ["namespace"] = "k8s-upgrade" },
        ["data"] = data,
    });
}
