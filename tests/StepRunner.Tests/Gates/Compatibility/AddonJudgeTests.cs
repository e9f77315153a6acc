using Stepper.Cluster.Versions;
using Stepper.StepRunner.Gates;
using Stepper.StepRunner.Gates.Compatibility;

namespace Stepper.StepRunner.Tests.Gates.Compatibility;

public sealed class AddonJudgeTests
{
    private static readonly KnownAddon[] Known = [.. KnownMatrix.Read().Addons];
    private static readonly Evidence Read = new(new Uri("https://store.example/v1"), new DateOnly(2026, 11, 22), "as it says");

    [Theory]
    [InlineData("docker.io/calico/node:v3.31.0")]
    [InlineData("mirror.corp:5000/x/calico/node:3.31.2-amd64@sha256:0123")]
    [InlineData("calico/kube-controllers:v3.31.0")]
    // Newer than all that is known, which vouches up to its own minor.
    [InlineData("calico/node:v3.40.1")]
    public void AnAddonThatSupportsTheTargetIsInNobodysWay(string image) => Ask(image).Findings.ShouldBeEmpty();

    [Fact]
    public void OneThatDoesNotIsToBeUpgradedToTheSmallestVersionThatDoes()
    {
        var answer = Ask("docker.io/calico/node:v3.28.2");

        (answer.What, answer.Seen).ShouldBe(("addon calico", "3.28.2"));
        Of(answer, BlockerClass.ActNow).ShouldBe(
            "calico 3.28.2 in kube-system/it is known to work up to Kubernetes 1.33 (\"tested with 1.31 to 1.33\", https://calico.example/v3.28/requirements, read 2026-11-22); "
            + "for 1.35 upgrade it to 3.31 or later (\"tested with 1.33 to 1.35\", https://calico.example/v3.31/requirements, read 2026-11-22)");
        answer.Findings[0].Show.ShouldStartWith("kubectl -n kube-system get pods -o custom-columns=");
    }

    [Fact]
    public void WhereNoReleaseSupportsTheTargetItIsWaitedFor() => Of(Ask("calico/node:v3.31.0", new MinorVersion(1, 36)), BlockerClass.Wait)
        .ShouldEndWith("), and no release of it is known to work with 1.36");

    [Fact]
    public void OneThatIsPinnedIsTheOperatorsOwnDecision() => Of(Ask("mesh/proxy:1.22.1"), BlockerClass.DecidedByYou)
        .ShouldBe("mesh 1.22.1 in kube-system/it is known to work up to Kubernetes 1.34 (\"up to 1.34\", https://mesh.example/support, read 2026-11-22), and is pinned: the mesh team moves it in spring");

    [Fact]
    public void OneThatIsNewerThanAllThatIsKnownIsToBeLookedUp() => Of(Ask("calico/node:v3.32.0", new MinorVersion(1, 36)), BlockerClass.ActNow)
        .ShouldStartWith("calico 3.32.0 in kube-system/it is newer than what is known of it: 3.31, up to Kubernetes 1.35 (");

    [Fact]
    public void OneThatIsOlderThanAllThatIsKnownIsToBeUpgraded() => Of(Ask("calico/node:v3.9.1"), BlockerClass.ActNow)
        .ShouldStartWith("calico 3.9.1 in kube-system/it is older than all that is known of it, which begins at 3.28; for 1.35 upgrade it to 3.31 or later (");

    [Theory]
    [InlineData("quay.io/calico/node@sha256:0123", "quay.io/calico/node by digest")]
    [InlineData("calico/node", "calico/node without a tag")]
    [InlineData("calico/node:latest", "calico/node:latest")]
    [InlineData("calico/node:v3.31.0-rc.1", "calico/node:v3.31.0-rc.1")]
    public void WhatNoTagTellsIsNeverFine(string image, string shown)
    {
        var answer = Ask(image);

        Of(answer, BlockerClass.ActNow).ShouldBe($"which version of calico runs in kube-system/it can't be told from {shown}; run it by a tag that is its version");
        answer.Seen.ShouldBe(shown);
    }

    [Fact]
    public void OfSeveralVersionsEachIsJudgedAndGoesToTheHighestWhereThatWorks()
    {
        var answer = Ask(new MinorVersion(1, 35), KnownMatrix.Workload("kube-system/calico-node", "calico/node:v3.31.0"), KnownMatrix.Workload("old/calico", "app:1 calico/node:v3.28.0 calico/node:v3.30.1"))
            .ShouldHaveSingleItem();

        answer.Seen.ShouldBe("3.28.0, 3.30.1, 3.31.0");
        answer.Findings.Select(finding => finding.Seen.Split(" (")[0]).ShouldBe(
            ["calico 3.28.0 in old/calico is known to work up to Kubernetes 1.33", "calico 3.30.1 in old/calico is known to work up to Kubernetes 1.34"]);
        answer.Findings.ShouldAllBe(finding => finding.Class == BlockerClass.ActNow && finding.Seen.Contains("; for 1.35 upgrade it to 3.31.0, which runs too (", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("1.31", "1.6.4 1.7.0", "store 1.7.0 in a/1 is known to work up to Kubernetes 1.28; for 1.31 upgrade it to 1.7.3 or later")]
    [InlineData("1.31", "1.7.3 1.6.2", "store 1.6.2 in a/1 is known to work up to Kubernetes 1.27; for 1.31 upgrade it to 1.7.3, which runs too")]
    [InlineData("1.31", "1.6.2", "store 1.6.2 in a/0 is known to work up to Kubernetes 1.27; for 1.31 upgrade it to 1.6.4")]
    [InlineData("1.32", "1.7.0", "store 1.7.0 in a/0 is known to work up to Kubernetes 1.28; for 1.32 upgrade it to 1.7.3")]
    [InlineData("1.32", "1.8.1", "store 1.8.1 in a/0 is known to work up to Kubernetes 1.31, and no later release of it is known to work with 1.32")]
    [InlineData("1.31", "1.6.4 1.7.3", "")]
    public void ALaterReleaseMaySupportLess(string target, string versions, string seen)
    {
        KnownAddon store = new("store", ["x/store"], null, [Release("1.6", "1.27"), Release("1.6.4", "1.31"), Release("1.7", "1.28"), Release("1.7.3", "1.32"), Release("1.8", "1.31")]);
        var workloads = versions.Split(' ').Select((version, index) => KnownMatrix.Workload($"a/{index}", $"x/store:v{version}")).ToList();

        var findings = AddonJudge.Of([store], workloads, Minor(target)).ShouldHaveSingleItem().Findings;

        string.Join('\n', findings.Select(finding => finding.Seen.Replace($" ({Read})", "", StringComparison.Ordinal))).ShouldBe(seen);
    }

    [Theory]
    [InlineData("notcalico/node:v3.28.0")]
    [InlineData("calico/node-driver:v3.28.0")]
    [InlineData("node:v3.28.0")]
    public void AnotherImageIsAnotherThing(string image) => Ask(new MinorVersion(1, 35), KnownMatrix.Workload("a/b", image)).ShouldBeEmpty();

    private static string Of(CompatibilityAnswer answer, BlockerClass what)
    {
        var finding = answer.Findings.ShouldHaveSingleItem();
        (finding.Kind, finding.Class).ShouldBe((VerdictKind.Refuses, what));
        return finding.Seen;
    }

    private static AddonRelease Release(string version, string kubernetes) => new(DottedVersion.OfTag(version)!, Minor(kubernetes), Read);

    private static MinorVersion Minor(string text) => MinorVersion.TryParse(text, out var minor) ? minor : default;

    private static CompatibilityAnswer Ask(string image, MinorVersion? target = null) =>
        Ask(target ?? new MinorVersion(1, 35), KnownMatrix.Workload("kube-system/it", image)).ShouldHaveSingleItem();

    private static List<CompatibilityAnswer> Ask(MinorVersion target, params IReadOnlyList<Workload> workloads) => [.. AddonJudge.Of(Known, workloads, target)];
}
