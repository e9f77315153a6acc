using Stepper.Cluster.Kubernetes;

namespace Stepper.Cluster.Tests.Kubernetes;

/// <summary>Lists and watches, through all that can happen to them.</summary>
public sealed class ObservationTests
{
    private readonly ScriptedApi _api = new();

    [Fact]
    public void AWatchGoesOnFromTheLastThingThatItTold()
    {
        _api.Answers(200, List("10"))
            .Streams(Told("ADDED", "a", "u1", "11"), """{"type":"BOOKMARK","object":{"kind":"Pod","metadata":{"resourceVersion":"20","creationTimestamp":null}}}""" + "\n")
            .Streams(Told("ADDED", "b", "u2", "21"));

        Observe(until: 2).ShouldBe(["", "a", "a b"]);

        Watches().ShouldBe(["10", "20"]);
        _api.Asked[1].ShouldContain("allowWatchBookmarks=true&timeoutSeconds=290");
    }

    [Fact]
    public void ALineThatIsCutIsToldAgain()
    {
        var line = Told("ADDED", "a", "u1", "11");
        _api.Answers(200, List("10")).Streams(line[..40]).Streams(line[..40], line[40..90], line[90..]);

        Observe(until: 1).ShouldBe(["", "a"]);

        Watches().ShouldBe(["10", "10"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("""{"type":"ERROR","object":{"kind":"Status","message":"too old resource version","reason":"Expired","code":410}}""" + "\n")]
    [InlineData("""{"type":"ERROR","object":{"kind":"Status","message":"etcd","reason":"InternalError","code":500}}""" + "\n")]
    public void AnotherObjectOfTheSameNameIsNotTheOneThatWentAway(string error)
    {
        _api.Answers(200, List("10", ("a", "u1")));
        _ = error.Length > 0 ? _api.Streams(error) : _api.Answers(410, ScriptedApi.Refusal(410, "Expired"));
        _api.Answers(200, List("30", ("a", "u2"))).Streams([null]);

        var uids = new List<string>();
        _api.Run(api => api.ObserveUntilAsync(Resources.Pods, "ns", KubeQuery.All, TimeSpan.FromMinutes(1), pods =>
        {
            uids.Add(string.Join(' ', pods.Keys));
            return pods.ContainsKey("u1") ? null : "gone";
        }, default)).ShouldBe("gone");

        uids.ShouldBe(["u1", "u2"]);
    }

    [Fact]
    public void AConnectionThatNeverSaysAnythingAgainIsGivenUp()
    {
        _api.Answers(200, List("10")).Streams(Told("ADDED", "a", "u1", "11"), null).Streams(Told("DELETED", "a", "u1", "12"));

        Observe(until: 2).ShouldBe(["", "a", ""]);

        // The server would have ended it after 290 s.
        _api.Asked[2].Split(' ')[0].ShouldBe("320");
        Watches().ShouldBe(["10", "11"]);
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public void AServerThatIsBusyWhenAWatchIsOpenedIsLeftAloneForAsLongAsItAsks(int code)
    {
        _api.Answers(200, List("10")).Answers(code, ScriptedApi.Busy, retryAfter: "9").Streams(Told("ADDED", "a", "u1", "11"));

        Observe(until: 1).ShouldBe(["", "a"]);

        _api.Asked.Select(line => line.Split(' ')[0]).ShouldBe(["0", "0", "9"]);
    }

    [Fact]
    public void AWatchThatIsForbiddenIsAnError()
    {
        _api.Answers(200, List("10")).Answers(403, ScriptedApi.Refusal(403, "Forbidden"));

        _api.Failure(api => api.ObserveUntilAsync(Resources.Pods, "ns", KubeQuery.All, TimeSpan.FromHours(1), _ => (string?)null, default))
            .ShouldNotBeNull().ShouldContain("watch=true");

        _api.Asked.Count.ShouldBe(2);
    }

    [Fact]
    public void AServerThatEndsEveryWatchAtOnceIsNotAskedInABusyLoop()
    {
        _api.Answers(200, List("10")).Streams();

        Observe(until: 100);

        // For an hour, the pauses growing to five seconds.
        _api.Asked.Count.ShouldBeInRange(700, 760);
    }

    [Theory]
    [InlineData("""{"type":"ADDED","object":{"kind":"Pod","metadata":{"resourceVersion":"11","name":7}}}""")]
    [InlineData("""{"type":"ADDED"}""")]
    [InlineData("[]")]
    public void WhatIsNoPodIsAnErrorAndNotALoop(string line)
    {
        _api.Answers(200, List("10")).Streams(line + "\n");

        _api.Failure(api => api.ObserveUntilAsync(Resources.Pods, "ns", KubeQuery.All, TimeSpan.FromHours(1), _ => (string?)null, default))
            .ShouldNotBeNull().ShouldStartWith("the watch of pods told what is no Pod: ");
    }

    [Fact]
    public void ABigObjectIsReadAndALineWithoutEndIsNot()
    {
        var big = Told("ADDED", "a", "u1", "11").Replace("\"spec\":{}", $"\"spec\":{{\"x\":\"{new string('x', 3_000_000)}\"}}", StringComparison.Ordinal);
        _api.Answers(200, List("10")).Streams([.. Pieces(big)]);
        Observe(until: 1).ShouldBe(["", "a"]);

        var endless = new ScriptedApi().Answers(200, List("10")).Streams([.. Enumerable.Repeat(new string('x', 10_000), 1_700)]);
        endless.Failure(api => api.ObserveUntilAsync(Resources.Pods, "ns", KubeQuery.All, TimeSpan.FromHours(1), _ => (string?)null, default))
            .ShouldBe("the API server sent a line of more than 16 MiB");
    }

    [Fact]
    public void AListWhoseNextPageIsLostIsReadFromItsStart()
    {
        _api.Answers(200, List("10", "next", ("a", "u1"))).Answers(410, ScriptedApi.Refusal(410, "Expired")).Answers(200, List("30", "more", ("b", "u2"))).Answers(200, List("30", ("c", "u3")));

        var list = _api.Run(api => api.ListAsync(Resources.Pods, "ns", KubeQuery.All, default));

        list.Items.Select(pod => pod.Metadata.Name).ShouldBe(["b", "c"]);
        list.ResourceVersion.ShouldBe("30");
        _api.Asked.Select(line => line.Split("limit=500")[1]).ShouldBe(["", "&continue=next", "", "&continue=more"]);
    }

    [Fact]
    public void AListThatIsLostEachTimeIsGivenUp()
    {
        for (var i = 0; i < 10; i++)
        {
            _api.Answers(200, List("10", "next", ("a", "u1"))).Answers(410, ScriptedApi.Refusal(410, "Expired"));
        }

        _api.Failure(api => api.ListAsync(Resources.Pods, "ns", KubeQuery.All, default)).ShouldNotBeNull().ShouldContain("answered 410");
        _api.Asked.Count.ShouldBe(10);
    }

    [Fact]
    public void AListOfNothingMayBeNull()
    {
        _api.Answers(200, """{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"10"},"items":null}""");

        _api.Run(api => api.ListAsync(Resources.Pods, "ns", KubeQuery.All, default)).Items.ShouldBeEmpty();
    }

    // The names of the pods each time they were told, for an hour or until there were so many changes.
    private List<string> Observe(int until)
    {
        List<string> told = [];
        _api.Run(api => api.ObserveUntilAsync(Resources.Pods, "ns", KubeQuery.All, TimeSpan.FromHours(1), pods =>
        {
            told.Add(string.Join(' ', pods.Values.Select(pod => pod.Metadata.Name).Order(StringComparer.Ordinal)));
            return told.Count > until ? "seen" : null;
        }, default));
        return told;
    }

    // From which version each watch was opened.
    private List<string> Watches() => [.. _api.Asked.Where(line => line.Contains("watch=true", StringComparison.Ordinal)).Select(line => line.Split("resourceVersion=")[1])];

    private static IEnumerable<string> Pieces(string text) => Enumerable.Range(0, (text.Length + 9_999) / 10_000).Select(at => text[(at * 10_000)..Math.Min(text.Length, (at + 1) * 10_000)]);

    private static string List(string version, params (string Name, string Uid)[] pods) => List(version, "", pods);

    private static string List(string version, string next, params (string Name, string Uid)[] pods) =>
        $$$"""{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"{{{version}}}","continue":"{{{next}}}"},"items":[{{{string.Join(',', pods.Select(pod => Pod(pod.Name, pod.Uid, version)))}}}]}""";

    private static string Told(string type, string name, string uid, string version) => $$"""{"type":"{{type}}","object":{{Pod(name, uid, version)}}}""" + "\n";

    private static string Pod(string name, string uid, string version) =>
        $$$"""{"metadata":{"name":"{{{name}}}","namespace":"ns","uid":"{{{uid}}}","resourceVersion":"{{{version}}}","creationTimestamp":"2026-11-22T12:00:00Z"},"spec":{},"status":{"phase":"Running"}}""";
}
