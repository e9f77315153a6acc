using Stepper.StepRunner.Drain.Forecast;

namespace Stepper.StepRunner.Tests.Drain.Forecast;

public sealed class UnclearRoomTests
{
    [Theory]
    [InlineData("""{}""", null)]
    [InlineData("""{"schedulerName":"default-scheduler"}""", null)]
    [InlineData("""{"schedulerName":"volcano"}""", "another scheduler")]
    [InlineData("""{"affinity":{"podAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"topologyKey":"kubernetes.io/hostname"}]}}}""", "pod affinity")]
    [InlineData("""{"affinity":{"podAntiAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"topologyKey":"kubernetes.io/hostname"}]}}}""", "pod anti-affinity")]
    [InlineData("""{"affinity":{"podAntiAffinity":{"preferredDuringSchedulingIgnoredDuringExecution":[{"weight":1,"podAffinityTerm":{"topologyKey":"zone"}}]}}}""", null)]
    [InlineData("""{"topologySpreadConstraints":[{"whenUnsatisfiable":"DoNotSchedule","topologyKey":"zone","maxSkew":1}]}""", "topology spread")]
    [InlineData("""{"topologySpreadConstraints":[{"whenUnsatisfiable":"ScheduleAnyway","topologyKey":"zone","maxSkew":1}]}""", null)]
    [InlineData("""{"volumes":[{"name":"data","persistentVolumeClaim":{"claimName":"data"}}]}""", "volumes")]
    [InlineData("""{"volumes":[{"name":"data","ephemeral":{"volumeClaimTemplate":{}}}]}""", "volumes")]
    [InlineData("""{"volumes":[{"name":"data","csi":{"driver":"secrets-store.csi.k8s.io"}}]}""", "volumes")]
    [InlineData("""{"volumes":[{"name":"a","emptyDir":{}},{"name":"b","configMap":{"name":"b"}},{"name":"c","secret":{"secretName":"c"}},{"name":"d","projected":{"sources":[]}},{"name":"e","downwardAPI":{}},{"name":"f","hostPath":{"path":"/"}},{"name":"g","nfs":{"server":"a","path":"/"}}]}""", null)]
    [InlineData("""{"containers":[{"name":"main","ports":[{"containerPort":80,"hostPort":80}]}]}""", "host ports")]
    [InlineData("""{"containers":[{"name":"main","ports":[{"containerPort":80}]}]}""", null)]
    [InlineData("""{"resourceClaims":[{"name":"gpu","resourceClaimName":"gpu"}]}""", "resource claims")]
    public void WhereMoreIsAtPlayItCannotBeTold(string spec, string? why) => UnclearRoom.Why(Foreseen.Pod("pod", spec: spec)).ShouldBe(why);

    [Theory]
    [InlineData("ReplicaSet/web", null)]
    [InlineData("StatefulSet/web", null)]
    [InlineData("Job/web", "a controller of kind Job")]
    [InlineData("Cluster/web", "a controller of kind Cluster")]
    [InlineData(null, null)]
    public void WhatAnotherControllerStartsCannotBeTold(string? owner, string? why) => UnclearRoom.Why(Foreseen.Pod("pod", owner: owner)).ShouldBe(why);
}
