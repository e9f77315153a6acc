using System.Net;

namespace Stepper.Simulation.Tests.Api.Conformance;

public sealed class ListFacts : IDisposable
{
    private readonly ApiUnderTest _api = new();

    public ListFacts()
    {
        foreach (var (name, labels) in ((string, string)[])[("a", "\"tier\":\"front\",\"n\":\"1\""), ("b", "\"tier\":\"back\",\"n\":\"2\""), ("c", "\"tier\":\"back\""), ("d", "\"x\":\"y\"")])
        {
            _api.Post(_api.At("secrets"), $$$$"""{"metadata":{"name":"{{{{name}}}}","labels":{{{{{labels}}}}}}}""").Code.ShouldBe(HttpStatusCode.Created);
        }
    }

    public void Dispose() => _api.Dispose();

    [Theory]
    [InlineData("labelSelector=tier%3Dback", "b c")]
    [InlineData("labelSelector=tier%3D%3Dback,n%3D2", "b")]
    [InlineData("labelSelector=tier!%3Dback", "a d")]
    [InlineData("labelSelector=tier%20in%20(front,%20back),n", "a b")]
    [InlineData("labelSelector=tier%20notin%20(back)", "a d")]
    [InlineData("labelSelector=!tier", "d")]
    [InlineData("labelSelector=tier,!n", "c")]
    [InlineData("fieldSelector=metadata.name%3Db", "b")]
    [InlineData("fieldSelector=metadata.name!%3Db", "a c d")]
    public void SelectorsMeanWhatTheySay(string query, string names) => Names(_api.Get(_api.At("secrets?" + query))).ShouldBe(names.Split(' '));

    [Fact]
    public void TheItemsOfAListDoNotSayWhatTheyAre()
    {
        var list = _api.Get(_api.At("secrets?labelSelector=x"));

        list["kind"]!.ToString().ShouldBe("SecretList");
        list["items.0.kind"].ShouldBeNull();
        list["items.0.metadata.name"]!.ToString().ShouldBe("d");
    }

    [Fact]
    public void PagesShowTheListAsItWasAtTheFirst()
    {
        var first = _api.Get(_api.At("secrets?limit=2"));
        Names(first).ShouldBe(["a", "b"]);
        ((int)first["metadata.remainingItemCount"]!).ShouldBe(2);
        _api.Delete(_api.At("secrets/c")).Code.ShouldBe(HttpStatusCode.OK);

        var second = _api.Get(_api.At($"secrets?limit=2&continue={first["metadata.continue"]}"));

        Names(second).ShouldBe(["c", "d"]);
        second.Version.ShouldBe(first.Version);
        second["metadata.continue"].ShouldBeNull();
    }

    [Fact]
    public void AFieldThatCanNotBeSelectedByIsRefused()
    {
        _api.Get(_api.At("pods?fieldSelector=spec.foo%3Dx")).ShouldRefuse(HttpStatusCode.BadRequest, "BadRequest", "field label not supported: spec.foo");
        _api.Get(_api.At("jobs?fieldSelector=spec.foo%3Dx")).ShouldRefuse(HttpStatusCode.BadRequest, "BadRequest", "field label \"spec.foo\" not supported for Job");
    }

    [Fact]
    public void AListOfWhatIsNotThereIsEmpty() => _api.Get("/api/v1/namespaces/nowhere/secrets")["items"]!.AsArray().Count.ShouldBe(0);

    [Fact]
    public void PodsAreFoundByTheirNodeAndPhase()
    {
        _api.AddRunningPod("p", "web");
        _api.Post(_api.At("pods"), """{"metadata":{"name":"q"},"spec":{"containers":[{"name":"c","image":"i:1"}]}}""");

        Names(_api.Get(_api.At("pods?fieldSelector=spec.nodeName%3Dsome-node"))).ShouldBe(["p"]);
        Names(_api.Get(_api.At("pods?fieldSelector=spec.nodeName%3D"))).ShouldBe(["q"]);
        Names(_api.Get(_api.At("pods?fieldSelector=status.phase%3DRunning,spec.nodeName!%3D"))).ShouldBe(["p"]);
    }

    private static IEnumerable<string> Names(Answer list) => list["items"]!.AsArray().Select(item => item!["metadata"]!["name"]!.ToString());
}
