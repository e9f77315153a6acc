using System.Net;
using Stepper.Cluster.Monitoring;

namespace Stepper.Cluster.Tests.Monitoring;

public sealed class PushBoardTests
{
    private const string Upgrade = "http://push/metrics/job/k8s-version-upgrade";
    private const string Node3 = Upgrade + "/phase/worker/node/node3";

    private readonly OutsideWorld _world = new(new DateTimeOffset(2026, 11, 22, 10, 30, 0, TimeSpan.Zero));
    private readonly List<string> _said = [];
    private readonly PushBoard _board;

    public PushBoardTests()
    {
        _board = new PushBoard(new Pushgateway(_world.Http(), new Uri("http://push"), _world.Wait), _world.Wait, _said.Add);
        _world.Web.Answer($"POST {Upgrade}", "").Answer($"PUT {Upgrade}", "").Answer($"DELETE {Node3}", "", HttpStatusCode.Accepted).Answer($"PUT {Node3}", "");
    }

    [Fact]
    public void APushBringsWhatWasSaidBeforeForAPushgatewayThatForgot()
    {
        Post(Metrics.InFlight.Is(true), Metrics.Nodes.Is(3, ("state", "done")));
        Post(Metrics.Nodes.Is(4, ("state", "done")));

        Pushed().ShouldBe(["k8s_upgrade_in_flight 1", "k8s_upgrade_nodes{state=\"done\"} 4"]);
    }

    [Fact]
    public void OneThatIsAwayIsTriedThreeTimesAndThenLeftAloneForAMinute()
    {
        var start = _world.Now;
        _world.Web.NeverAnswer($"POST {Upgrade}");

        Post(Metrics.InFlight.Is(true));
        (_world.Now - start).ShouldBe(TimeSpan.FromSeconds(19));
        Post(Metrics.Parked.Is(false));
        Post(Metrics.Parked.Is(true));

        (_world.Now - start).ShouldBe(TimeSpan.FromSeconds(19));
        _world.Web.Asked.Count.ShouldBe(3);
        _said.ShouldBe([$"warning: POST {Upgrade}: no answer within 5 s; what is to be pushed is kept, and tried again after 60 s"]);
    }

    [Fact]
    public void WhatWasKeptGoesWithTheNextPush()
    {
        _world.Web.Refuse($"POST {Upgrade}");
        Post(Metrics.InFlight.Is(true));
        _world.Web.Answer($"POST {Upgrade}", "");
        _world.Run(ForAMinuteAsync());

        Post(Metrics.Parked.Is(true));

        Pushed().ShouldBe(["k8s_upgrade_in_flight 1", "k8s_upgrade_parked 1"]);
        _said.Count.ShouldBe(1);
    }

    [Fact]
    public void AtTheEndWhatWasKeptIsTriedOnceMore()
    {
        _world.Web.Refuse($"POST {Upgrade}");
        Post(Metrics.InFlight.Is(true));
        _world.Web.Answer($"POST {Upgrade}", "");

        _world.Failure(() => _board.FinishAsync(CancellationToken.None)).ShouldBeNull();
        var asked = _world.Web.Asked.Count;
        _world.Failure(() => _board.FinishAsync(CancellationToken.None)).ShouldBeNull();

        Pushed().ShouldBe(["k8s_upgrade_in_flight 1"]);
        _world.Web.Asked.Count.ShouldBe(asked);
    }

    [Fact]
    public void ARefusalIsSaidAndHoldsNothingElseBack()
    {
        _world.Web.Answer($"POST {Upgrade}", "pushed metrics are invalid or inconsistent with existing metrics", HttpStatusCode.BadRequest);

        Post(Metrics.InFlight.Is(true));
        _world.Failure(() => _board.DeleteAsync([PushGroup.Phase("worker", "node3")], CancellationToken.None)).ShouldBeNull();

        _said.ShouldBe([$"warning: POST {Upgrade} answered 400: pushed metrics are invalid or inconsistent with existing metrics"]);
        _world.Web.Asked.ShouldBe([$"POST {Upgrade}", $"DELETE {Node3}"]);
    }

    [Fact]
    public void WhatIsSaidOfAGroupThatIsStillToBeDeletedReplacesItWhole()
    {
        _world.Web.Refuse($"DELETE {Node3}");
        _world.Failure(() => _board.DeleteAsync([PushGroup.Phase("worker", "node3")], CancellationToken.None)).ShouldBeNull();
        _world.Failure(() => _board.PostAsync(PushGroup.Phase("worker", "node3"), [Metrics.PhaseDuration.Is(7)], CancellationToken.None)).ShouldBeNull();

        _world.Failure(() => _board.FinishAsync(CancellationToken.None)).ShouldBeNull();

        _world.Web.Asked[^1].ShouldBe($"PUT {Node3}");
        Pushed().ShouldBe(["k8s_upgrade_phase_duration_seconds 7"]);
    }

    [Fact]
    public void APutForgetsWhatWasSaidBefore()
    {
        Post(Metrics.InFlight.Is(true));

        _world.Failure(() => _board.PutAsync(PushGroup.Upgrade, [Metrics.Held.Is(true)], CancellationToken.None)).ShouldBeNull();

        _world.Web.Asked[^1].ShouldBe($"PUT {Upgrade}");
        Pushed().ShouldBe(["k8s_upgrade_held 1"]);
    }

    private void Post(params MetricValue[] values) =>
        _world.Failure(() => _board.PostAsync(PushGroup.Upgrade, values, CancellationToken.None)).ShouldBeNull();

    private async Task<bool> ForAMinuteAsync()
    {
        await _world.Wait.ForAsync(TimeSpan.FromMinutes(1), CancellationToken.None);
        return true;
    }

    private IEnumerable<string> Pushed() => _world.Web.Body.Split('\n').Where(line => line.StartsWith("k8s_", StringComparison.Ordinal));
}
