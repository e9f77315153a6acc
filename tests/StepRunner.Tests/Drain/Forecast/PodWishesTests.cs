using Stepper.StepRunner.Drain.Forecast;

namespace Stepper.StepRunner.Tests.Drain.Forecast;

public sealed class PodWishesTests
{
    private const string Taint = "with the taint team";
    private const string Unwanted = "outside of its node selector or affinity";

    [Theory]
    [InlineData("""{}""", "", null)]
    [InlineData("""{}""", "team=ml:NoSchedule", Taint)]
    [InlineData("""{}""", "team=ml:NoExecute", Taint)]
    [InlineData("""{}""", "team=ml:PreferNoSchedule", null)]
    [InlineData("""{"tolerations":[{"key":"team","value":"ml","effect":"NoSchedule"}]}""", "team=ml:NoSchedule", null)]
    [InlineData("""{"tolerations":[{"key":"team","operator":"Equal","value":"ml"}]}""", "team=ml:NoExecute", null)]
    [InlineData("""{"tolerations":[{"key":"team","value":"web"}]}""", "team=ml:NoSchedule", Taint)]
    [InlineData("""{"tolerations":[{"key":"team","value":"ml","effect":"NoExecute"}]}""", "team=ml:NoSchedule", Taint)]
    [InlineData("""{"tolerations":[{"key":"team","operator":"Exists"}]}""", "team=ml:NoSchedule", null)]
    [InlineData("""{"tolerations":[{"key":"team"}]}""", "team:NoSchedule", null)]
    [InlineData("""{"tolerations":[{"operator":"Exists"}]}""", "team=ml:NoSchedule", null)]
    [InlineData("""{"tolerations":[{"key":"team","operator":"Gt","value":"1"}]}""", "team=2:NoSchedule", Taint)]
    public void ATaintKeepsOffWhatDoesNotTolerateIt(string spec, string taint, string? why) => WhyOff(spec, taint.Length == 0 ? [] : [taint]).ShouldBe(why);

    [Theory]
    [InlineData("""{}""", "cordoned")]
    [InlineData("""{"tolerations":[{"key":"node.kubernetes.io/unschedulable","operator":"Exists","effect":"NoSchedule"}]}""", null)]
    [InlineData("""{"tolerations":[{"operator":"Exists"}]}""", null)]
    public void ACordonKeepsOffWhatDoesNotTolerateIt(string spec, string? why) =>
        WhyOff(spec, ["node.kubernetes.io/unschedulable:NoSchedule"], isCordoned: true).ShouldBe(why);

    [Fact]
    public void TheTaintOfACordonThatIsTakenAwayKeepsNothingOff() => WhyOff("{}", ["node.kubernetes.io/unschedulable:NoSchedule"]).ShouldBeNull();

    [Theory]
    [InlineData("""{"nodeSelector":{"disk":"ssd"}}""", null)]
    [InlineData("""{"nodeSelector":{"disk":"hdd"}}""", Unwanted)]
    [InlineData("""{"nodeSelector":{"disk":"ssd","zone":"a"}}""", Unwanted)]
    [InlineData("""{"nodeSelector":{"kubernetes.io/hostname":"node2"}}""", null)]
    [InlineData("""{"nodeSelector":{"kubernetes.io/hostname":"node1"}}""", Unwanted)]
    public void ANodeSelectorIsObeyed(string spec, string? why) => WhyOff(spec, []).ShouldBe(why);

    [Theory]
    [InlineData("""[{"matchExpressions":[{"key":"disk","operator":"In","values":["hdd","ssd"]}]}]""", null)]
    [InlineData("""[{"matchExpressions":[{"key":"disk","operator":"NotIn","values":["ssd"]}]}]""", Unwanted)]
    [InlineData("""[{"matchExpressions":[{"key":"zone","operator":"NotIn","values":["a"]}]}]""", null)]
    [InlineData("""[{"matchExpressions":[{"key":"disk","operator":"Exists"}]}]""", null)]
    [InlineData("""[{"matchExpressions":[{"key":"disk","operator":"DoesNotExist"}]}]""", Unwanted)]
    [InlineData("""[{"matchExpressions":[{"key":"cores","operator":"Gt","values":["7"]}]}]""", Unwanted)]
    [InlineData("""[{"matchExpressions":[{"key":"disk","operator":"Exists"},{"key":"zone","operator":"Exists"}]}]""", Unwanted)]
    [InlineData("""[{"matchExpressions":[{"key":"zone","operator":"Exists"}]},{"matchExpressions":[{"key":"disk","operator":"Exists"}]}]""", null)]
    [InlineData("""[{"matchFields":[{"key":"metadata.name","operator":"In","values":["node2"]}]}]""", null)]
    [InlineData("""[{"matchFields":[{"key":"metadata.name","operator":"In","values":["node1"]}]}]""", Unwanted)]
    [InlineData("""[{}]""", Unwanted)]
    public void RequiredNodeAffinityIsObeyed(string terms, string? why) =>
        WhyOff("""{"affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":TERMS}}}}""".Replace("TERMS", terms, StringComparison.Ordinal), []).ShouldBe(why);

    [Fact]
    public void WhatIsOnlyPreferredKeepsNothingOff() =>
        WhyOff("""{"affinity":{"nodeAffinity":{"preferredDuringSchedulingIgnoredDuringExecution":[{"weight":1,"preference":{"matchExpressions":[{"key":"zone","operator":"Exists"}]}}]}}}""", []).ShouldBeNull();

    private static string? WhyOff(string spec, IReadOnlyList<string> taints, bool isCordoned = false) =>
        new PodWishes(Foreseen.Pod("pod", spec: spec), [1]).WhyOff(new RoomNode(Foreseen.Node("node2", label: ("disk", "ssd"), isCordoned: isCordoned, taints: taints), new ResourceNames()));
}
