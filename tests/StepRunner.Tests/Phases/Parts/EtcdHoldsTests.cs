using Stepper.StepRunner.Gates;
using Stepper.StepRunner.Phases.Parts;

namespace Stepper.StepRunner.Tests.Phases.Parts;

public sealed class EtcdHoldsTests
{
    private readonly TestCluster _cluster = new();

    [Fact]
    public void AMemberThatComesBackIsWaitedFor()
    {
        var began = _cluster.Wait.Now;
        Others["k8s-master2"] = Others["k8s-master3"] = true;
        Others["k8s-master3"] = false;
        _cluster.Sim.Time.After(TimeSpan.FromMinutes(4), () => Others["k8s-master3"] = true);

        _cluster.Run(Holds.MustHoldInTimeAsync(_cluster.Run(_cluster.Nodes.ListAsync(default)), default));

        (_cluster.Wait.Now - began).ShouldBeInRange(TimeSpan.FromMinutes(4), TimeSpan.FromMinutes(5));
        _cluster.Said.ShouldContain(line => line.Contains("waiting for etcd to be whole: etcd's member k8s-master3 (https://k8s-master3:2379) is not healthy: context deadline exceeded", StringComparison.Ordinal));
    }

    [Fact]
    public void OneThatStaysAwayEndsTheWait()
    {
        var began = _cluster.Wait.Now;
        Others["k8s-master2"] = true;
        Others["k8s-master3"] = false;

        _cluster.AbortOf(Holds.MustHoldInTimeAsync(_cluster.Run(_cluster.Nodes.ListAsync(default)), default)).ShouldStartWith("Waited 10 min for etcd to be whole; still etcd's member k8s-master3 ");

        (_cluster.Wait.Now - began).ShouldBeInRange(TimeSpan.FromMinutes(9), TimeSpan.FromMinutes(11));
    }

    [Fact]
    public void AWarningIsNotWaitedFor()
    {
        _cluster.Sim.Node("k8s-master").Etcd.External = "https://10.0.0.7:2379";

        _cluster.Run(Holds.MustHoldInTimeAsync(_cluster.Run(_cluster.Nodes.ListAsync(default)), default));

        _cluster.Said.ShouldBeEmpty();
    }

    private IDictionary<string, bool> Others => _cluster.Sim.Node("k8s-master").Etcd.Others;

    private EtcdHolds Holds => new(new EtcdGate(_cluster.Sim.Shell, _cluster.Wait), _cluster.Wait, _cluster.Milestones);
}
