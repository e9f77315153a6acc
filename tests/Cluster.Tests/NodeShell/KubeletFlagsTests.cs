using Stepper.Cluster.NodeShell;

namespace Stepper.Cluster.Tests.NodeShell;

public sealed class KubeletFlagsTests
{
    [Theory]
    [InlineData("")]
    [InlineData("kubeadm --v=2\n")]
    [InlineData("word --v=2\nLast login: Sunday\n")]
    [InlineData("word\n")]
    public void AnAnswerThatIsNoneIsAnError(string text) => Should.Throw<SourceException>(() => KubeletFlags.Read(text, "node1"));

    [Fact]
    public void AFlagThatIsGivenTwiceAndKeptByKubeadmOnceIsAnothersToo() =>
        new KubeletFlags(["--pause=a", "--pause=a", "--v=2"], ["--pause=a"]).NotKubeadms.ShouldBe(["--pause=a", "--v=2"]);
}
