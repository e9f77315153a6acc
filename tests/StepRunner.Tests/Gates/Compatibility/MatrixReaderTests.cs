using Stepper.Cluster.Versions;
using Stepper.StepRunner.Gates.Compatibility;

namespace Stepper.StepRunner.Tests.Gates.Compatibility;

public sealed class MatrixReaderTests
{
    private readonly List<string> _problems = [];

    [Fact]
    public void EachLineIsReadWithItsSource()
    {
        var matrix = KnownMatrix.Read();

        matrix.Addons.Select(addon => addon.Name).ShouldBe(["calico", "mesh"]);
        matrix.Addons[0].Releases[1].ShouldBe(new AddonRelease(
            new DottedVersion([3, 30]), new MinorVersion(1, 34), new Evidence(new Uri("https://calico.example/v3.30/requirements"), new DateOnly(2026, 11, 22), "tested with 1.32 to 1.34")));
        matrix.Addons[1].Pinned.ShouldBe("the mesh team moves it in spring");
        matrix.Runtimes[1].Minimum.ShouldBe(new DottedVersion([2, 0]));
        matrix.Removed.Apis[0].ShouldBe(matrix.Removed.Apis[0] with { Group = "flow.example", Version = "v1beta3", Resource = "schemas", Instead = "flow.example/v1" });
        matrix.Removed.Flags.Single(flag => flag.KubeadmRemoves).Flag.ShouldBe("pause-image");
        matrix.Removed.FeatureGates[1].Components.ShouldBe(["kubelet"]);
        matrix.Removed.KubeletConfiguration[1].Value.ShouldBe("Endless");
    }

    [Fact]
    public void AllMistakesAreToldAtOnceWithTheirLines()
    {
        MatrixReader.Read(File.ReadAllText("Gates/Compatibility/mistakes.yaml"), "compat.yaml", _problems).ShouldBeNull();

        _problems.ShouldBe(
        [
            "compat.yaml:4: unknown key addons[0].image; did you mean addons[0].images?",
            "compat.yaml:5: addons[0].images is \"quay.io/cilium/cilium\"; an image's path without registry and tag, such as cilium/cilium, is needed",
            "compat.yaml:7: addons[0].releases is not in ascending order of its versions",
            "compat.yaml:8: addons[0].releases[1].kubernetes is \"1.33.1\"; a minor such as 1.35 is needed",
            "compat.yaml:11: addons[1].releases has none; at least one is needed",
            "compat.yaml:12: addons[2].name is \"calico\", as that of an addon before it",
            "compat.yaml:13: addons[2].images has one that calico has too; whose version its tag is could not be told",
            "compat.yaml:15: addons[2].releases[0].version is \"latest\"; a version such as 1.16 or 3.30.3 is needed",
            "compat.yaml:15: addons[2].releases[0].source is \"http://calico.example\"; an https address is needed",
            "compat.yaml:15: addons[2].releases[0].read is \"22.11.2026\"; a date such as 2026-11-22 is needed",
            "compat.yaml:15: addons[2].releases[0].fact is \"\"; a text is needed",
            "compat.yaml:17: runtimes[0].minimum is missing; a version such as 1.16 or 3.30.3 is needed",
            "compat.yaml:17: runtimes[0].source is missing; an https address is needed",
            "compat.yaml:17: runtimes[0].read is missing; a date such as 2026-11-22 is needed",
            "compat.yaml:17: runtimes[0].fact is missing; a text is needed",
            "compat.yaml:19: unknown key removed.api; did you mean removed.apis?",
            "compat.yaml:21: removed.apis[0].api is \"policy\"; an API version such as policy/v1beta1, or v1 for the core group, is needed",
            "compat.yaml:23: removed.flags[0].component is \"kubectl\"; one of kube-apiserver, kube-controller-manager, kube-scheduler, kubelet, kube-proxy is needed",
            "compat.yaml:23: removed.flags[0].flag is \"--old\"; a flag's name without dashes before it is needed",
        ]);
    }

    [Theory]
    [InlineData("", "compat.yaml:1: the compatibility matrix is empty: nothing could be told by it")]
    [InlineData("# nothing\n", "compat.yaml:1: the compatibility matrix is empty: nothing could be told by it")]
    [InlineData("[]", "compat.yaml:1: the compatibility matrix is a list; a map of keys is needed")]
    [InlineData("addons: cilium", "compat.yaml:1: addons is \"cilium\"; a list is needed, and each of it a map of keys")]
    [InlineData("addons: [cilium]", "compat.yaml:1: addons[0] is \"cilium\"; a map of keys is needed")]
    [InlineData("addons: {", "compat.yaml:2: this is no YAML that can be read: ")]
    [InlineData("runtimes: [{runtime: containerd, kubernetes: '1.36', minimum: '2.0', source: https://a.example, read: 2026-11-22, fact: x, why: y}]", "compat.yaml:1: unknown key runtimes[0].why; known here are ")]
    public void AFileThatCannotBeReadIsNamed(string yaml, string problem)
    {
        MatrixReader.Read(yaml, "compat.yaml", _problems).ShouldBeNull();

        _problems[0].ShouldStartWith(problem);
    }

    [Fact]
    public void WhatShipsCanBeRead() => MatrixFile.Shipped.Problems.ShouldBeEmpty();
}
