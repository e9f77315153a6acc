using Stepper.Simulation.Faults;

namespace Stepper.Simulation.Tests.World;

public sealed class FaultTests
{
    [Fact]
    public void AFaultIsReadFromItsText()
    {
        var fault = Fault.Read("ssh-unreachable:k8s-node3@35m+2m");

        (fault.Kind.Name, fault.Where, fault.When, fault.Long).ShouldBe(("ssh-unreachable", "k8s-node3", TimeSpan.FromMinutes(35), TimeSpan.FromMinutes(2)));
        Fault.Read("api-away").Long.ShouldBeNull();
        Fault.Read("script-fails:k8s-node3/kubelet").Where.ShouldBe("k8s-node3/kubelet");
    }

    [Theory]
    [InlineData("Boom!", "\"Boom!\" is no fault; one looks like ssh-unreachable:k8s-node3@35m+2m")]
    [InlineData("node-dies", "fault node-dies needs a place: node-dies:node")]
    public void WhatIsNoFaultIsSaid(string text, string says) => Should.Throw<FormatException>(() => Fault.Read(text)).Message.ShouldBe(says);

    [Fact]
    public void AnUnknownFaultNamesThoseThatThereAre() =>
        Should.Throw<FormatException>(() => Fault.Read("boom")).Message.ShouldStartWith("there is no fault \"boom\"; there are: api-away, api-429,");

    [Fact]
    public void AFaultBeginsAndEndsInTime()
    {
        var story = new Story();
        Fault.Read("ssh-unreachable:k8s-node3@1m+2m").PlanIn(story.Cluster);
        Fault.Read("api-away@4m+10s").PlanIn(story.Cluster);

        story.When(() => story.Cluster.Node("k8s-node3").Ssh == Nodes.SshState.Unreachable).ShouldBe(TimeSpan.FromMinutes(1));
        story.When(() => story.Cluster.Node("k8s-node3").Ssh == Nodes.SshState.Reachable).ShouldBe(TimeSpan.FromMinutes(3));
        story.When(() => !story.Cluster.ApiIsUp).ShouldBe(TimeSpan.FromMinutes(4));
        story.When(() => story.Cluster.ApiIsUp).ShouldBe(TimeSpan.FromSeconds(250));
    }

    [Fact]
    public void EveryFaultCanHappenToACluster()
    {
        foreach (var kind in FaultKinds.All)
        {
            var story = new Story();
            var where = kind.Place switch { "node" => "k8s-node3", "node/stage" => "k8s-node3/kubelet", "name" => "EtcdDown", _ => "" };

            new Fault(kind, where, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30)).PlanIn(story.Cluster);
            story.Pass(600);

            story.Cluster.ApiIsUp.ShouldBeTrue(kind.Name);
        }
    }
}
