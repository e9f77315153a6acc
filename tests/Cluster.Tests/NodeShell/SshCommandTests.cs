using Stepper.Cluster.NodeShell;

namespace Stepper.Cluster.Tests.NodeShell;

public sealed class SshCommandTests
{
    private static readonly SshSettings Settings = new("wizard", 2222, "/secrets/ssh_key", TimeSpan.FromSeconds(5));

    [Fact]
    public void NothingAfterTheTwoDashesIsAnOption() =>
        Command(strict: true).Running("sudo -n true").ArgumentList.SkipWhile(a => a != "--").ShouldBe(["--", "10.0.0.7", "sudo -n true"]);

    [Fact]
    public void AUserThatLooksLikeAnOptionIsTheValueOfOne()
    {
        var hostile = new SshCommand(Settings with { User = "-oProxyCommand=touch /tmp/x" }, "10.0.0.7", "/tmp/k", new KnownHost("/tmp/h", null, true), null);

        var arguments = hostile.Running("true").ArgumentList;

        arguments[arguments.IndexOf("-l") + 1].ShouldBe("-oProxyCommand=touch /tmp/x");
    }

    [Fact]
    public void NoConfigurationOfTheUserOrTheMachineIsTrusted()
    {
        var arguments = Command(strict: true).Running("true").ArgumentList;

        arguments.Take(2).ShouldBe(["-F", "/dev/null"]);
        arguments.ShouldContain("GlobalKnownHostsFile=/dev/null");
        arguments.ShouldContain("UserKnownHostsFile=/tmp/s/1.known");
        arguments.ShouldContain("IdentitiesOnly=yes");
        arguments.ShouldContain("IdentityAgent=none");
        arguments.ShouldContain("BatchMode=yes");
    }

    [Theory]
    [InlineData(true, "StrictHostKeyChecking=yes")]
    [InlineData(false, "StrictHostKeyChecking=accept-new")]
    public void AnUnknownKeyIsTakenOnlyWhereNoneWereGiven(bool strict, string option) =>
        Command(strict).Running("true").ArgumentList.ShouldContain(option);

    [Fact]
    public void TheSharedConnectionKeepsNoPipeOfOurs() =>
        Command(strict: true).OpeningShared("/tmp/s/1.log").ArgumentList.ShouldContain("/tmp/s/1.log");

    [Fact]
    public void ASharedConnectionThatNobodyEndsDoesNotStay() =>
        Command(strict: true).OpeningShared("/tmp/s/1.log").ArgumentList.ShouldContain("ControlPersist=60");

    [Fact]
    public void NothingOfOursIsLentToANode()
    {
        var arguments = Command(strict: true).Running("true").ArgumentList;

        arguments.ShouldContain("-a");
        arguments.ShouldContain("-x");
        arguments.ShouldContain("ClearAllForwardings=yes");
        arguments.ShouldContain("-T");
    }

    [Fact]
    public void ANodeThatIsGoneWithoutAWordIsNoticed()
    {
        var arguments = Command(strict: true).Running("true").ArgumentList;

        arguments.ShouldContain("ConnectTimeout=5");
        arguments.ShouldContain("ServerAliveInterval=15");
        arguments.ShouldContain("ServerAliveCountMax=3");
    }

    private static SshCommand Command(bool strict) => new(Settings, "10.0.0.7", "/tmp/s/key", new KnownHost("/tmp/s/1.known", null, strict), "/tmp/s/1.s");
}
