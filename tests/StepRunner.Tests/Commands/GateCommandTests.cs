using System.Text.Json.Nodes;
using Stepper.Cluster.Versions;
using Stepper.Simulation.Api;
using Stepper.Simulation.Shapes;
using Stepper.StepRunner.Tests.Gates.Compatibility;

namespace Stepper.StepRunner.Tests.Commands;

public sealed class GateCommandTests
{
    private const string Own = "/compat/compat.yaml";

    private TestCluster _cluster = new();

    [Fact]
    public void AMinorThatSomethingDoesNotWorkWithIsBlockedWithATableAndWhatToDo()
    {
        _cluster.Sim.Api.RequestedApis.Add(new RequestedApi("flow.example", "v1beta3", "schemas", "1.35"));

        var end = Gate("1.35.1");

        (end.Code, end.Error).ShouldBe((4, ""));
        end.Output.ShouldBe(File.ReadAllText("Commands/Golden/gate-blocked.txt"));
        _cluster.Writes.ShouldBeEmpty();
        _cluster.Sim.Pushgateway.Groups.ShouldBeEmpty();
    }

    [Fact]
    public void WhereNothingIsInTheWayItIsSafe()
    {
        var end = Gate("1.34.7");

        end.Code.ShouldBe(0);
        end.Output.ShouldBe(
            """
            1.34.2 to 1.34.7 (patch), by /compat/compat.yaml

            WHAT                RUNS                     ANSWER
            container runtime   containerd 1.7.24 on 5   works

            Safe: nothing that is known is in the way.

            """);
    }

    [Fact]
    public void WhereSomethingIsWaitedForItIsHeldThoughAnotherCouldBeActedOn()
    {
        _cluster = new TestCluster(ClusterShapes.Of(1, 4, new KubeVersion(1, 35, 1), new KubeVersion(1, 36, 0)));

        var end = Gate("1.36.0");

        end.Code.ShouldBe(3);
        end.Output.ShouldContain("\nact now:\n- 5 nodes: containerd is older than 2.0");
        end.Output.ShouldMatch("\nwait:\n- calico .* no release of it is known to work with 1.36 ");
        end.Output.ShouldEndWith("\nHeld: acting does not help yet.\n");
    }

    [Theory]
    [InlineData("1.33.0", "1.33.0 is older than 1.34.2, which runs; kubeadm does not downgrade")]
    [InlineData("1.36.0", "1.36.0 is more than one minor above 1.34.2, which runs; kubeadm goes one minor at a time, next is 1.35")]
    public void WhereKubeadmCannotGoNothingIsSafe(string target, string why) => Gate(target).ShouldBe(new CommandEnd(2, "", $"stepper: --target is {target}: {why}.\n"));

    [Fact]
    public void TheSameIsThereAsData()
    {
        var end = Gate("1.35.1", "--output", "json");

        var answer = JsonNode.Parse(end.Output)!;
        ((string?)answer["result"], (string?)answer["target"], (string?)answer["kind"], end.Code).ShouldBe(("blocked", "1.35.1", "minor", 4));
        var calico = answer["checks"]!.AsArray()[0]!;
        ((string?)calico["what"], (string?)calico["runs"], (string?)calico["answer"]).ShouldBe(("addon calico", "3.30.3", "act now"));
        ((string?)calico["findings"]![0]!["class"]).ShouldBe("act now");
    }

    [Fact]
    public void AMatrixThatWasNamedCounts()
    {
        var files = new Dictionary<string, string>(StringComparer.Ordinal) { [Own] = KnownMatrix.Text, ["mine.yaml"] = "addons: []" };

        var end = _cluster.Command(["gate", "--target", "1.35.1", "--matrix", "mine.yaml"], files: files);

        end.Code.ShouldBe(0);
        end.Output.ShouldStartWith("1.34.2 to 1.35.1 (minor), by mine.yaml\n");
        end.Output.ShouldContain("\nwarning:\n- whether these addons work with the target is not known, since the compatibility matrix does not have them: kube-system/calico-node (docker.io/calico/node:v3.30.3)");
    }

    [Theory]
    [InlineData("addons: [{name: x}]\nruntime: []", "stepper: mine.yaml:1: addons[0].images is missing; a list is needed, and each of it an image's path without registry and tag, such as cilium/cilium,\nstepper: mine.yaml:1: addons[0].releases has none; at least one is needed\nstepper: mine.yaml:2: unknown key runtime; did you mean runtimes?\n")]
    [InlineData(null, "stepper: mine.yaml can't be read; it was named as the compatibility matrix (--matrix).\n")]
    public void AWrongMatrixIsWrongUse(string? text, string error)
    {
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        if (text is not null)
        {
            files["mine.yaml"] = text;
        }

        _cluster.Command(["gate", "--target", "1.35.1", "--matrix", "mine.yaml"], files: files).ShouldBe(new CommandEnd(2, "", error));
    }

    [Fact]
    public void AClusterThatCannotBeAskedIsAnError()
    {
        _cluster.Sim.Api.Faults.Answer(call => call.Resource == "nodes", System.Net.HttpStatusCode.Forbidden, "Forbidden", "nodes is forbidden", times: 9);

        var end = Gate("1.35.1");

        (end.Code, end.Output).ShouldBe((1, ""));
        end.Error.ShouldContain("aborted: ");
    }

    private CommandEnd Gate(string target, params IReadOnlyList<string> more) =>
        _cluster.Command(["gate", "--target", target, .. more], files: new Dictionary<string, string>(StringComparer.Ordinal) { [Own] = KnownMatrix.Text });
}
