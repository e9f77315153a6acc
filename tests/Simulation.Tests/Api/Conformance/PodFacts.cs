using System.Net;

namespace Stepper.Simulation.Tests.Api.Conformance;

public sealed class PodFacts : IDisposable
{
    private readonly ApiUnderTest _api = new();

    public PodFacts() => _api.Post(_api.At("pods"), """{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i:1"}]}}""").Code.ShouldBe(HttpStatusCode.Created);

    public void Dispose() => _api.Dispose();

    [Fact]
    public void ANewPodGetsItsDefaults()
    {
        var pod = _api.Get(_api.At("pods/p"));

        ((int)pod["spec.terminationGracePeriodSeconds"]!).ShouldBe(30);
        pod["spec.restartPolicy"]!.ToString().ShouldBe("Always");
        pod["spec.serviceAccountName"]!.ToString().ShouldBe("default");
        pod["status.phase"]!.ToString().ShouldBe("Pending");
        pod["status.qosClass"]!.ToString().ShouldBe("BestEffort");
        pod["spec.tolerations"]!.AsArray().Select(each => $"{each!["key"]} {each["tolerationSeconds"]}").ShouldBe(["node.kubernetes.io/not-ready 300", "node.kubernetes.io/unreachable 300"]);
    }

    [Fact]
    public void APodsSpecStaysExceptItsImages()
    {
        _api.Merge(_api.At("pods/p"), """{"spec":{"nodeName":"n"}}""").Message!.ShouldStartWith("Pod \"p\" is invalid: spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`");
        _api.Strategic(_api.At("pods/p"), """{"spec":{"containers":[{"name":"c","image":"i:9"}]}}""")["spec.containers.0.image"]!.ToString().ShouldBe("i:9");
        ((int)_api.Merge(_api.At("pods/p"), """{"spec":{"activeDeadlineSeconds":100}}""")["spec.activeDeadlineSeconds"]!).ShouldBe(100);
    }

    [Fact]
    public void APodIsBoundOnce()
    {
        Bind("n1").Code.ShouldBe(HttpStatusCode.Created);

        _api.Get(_api.At("pods/p"))["spec.nodeName"]!.ToString().ShouldBe("n1");
        Bind("n2").ShouldRefuse(HttpStatusCode.Conflict, "Conflict", "Operation cannot be fulfilled on pods/binding \"p\": pod p is already assigned to node \"n1\"");
    }

    [Fact]
    public void APodWithoutANodeHasNoLog() => _api.Get(_api.At("pods/p/log")).Code.ShouldBe(HttpStatusCode.NoContent);

    [Fact]
    public void ALogIsOfAContainerThatIsThere() =>
        _api.Get(_api.At("pods/p/log?container=zz")).ShouldRefuse(HttpStatusCode.BadRequest, "BadRequest", "container zz is not valid for pod p");

    private Answer Bind(string node) =>
        _api.Post(_api.At("pods/p/binding"), $$$"""{"apiVersion":"v1","kind":"Binding","metadata":{"name":"p"},"target":{"apiVersion":"v1","kind":"Node","name":"{{{node}}}"}}""");
}
