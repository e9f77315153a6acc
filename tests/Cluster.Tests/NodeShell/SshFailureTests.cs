using Stepper.Cluster.NodeShell;

namespace Stepper.Cluster.Tests.NodeShell;

public sealed class SshFailureTests
{
    private static readonly NodeTarget Node = new("node3", "10.0.0.3");
    private static readonly SshSettings Settings = new("wizard", 22, "/secrets/ssh_key", TimeSpan.FromSeconds(5));

    [Theory]
    [InlineData("ssh: connect to host 10.0.0.3 port 22: Connection refused")]
    [InlineData("ssh: connect to host 10.0.0.3 port 22: Connection timed out")]
    [InlineData("ssh: connect to host 10.0.0.3 port 22: No route to host")]
    [InlineData("Connection timed out during banner exchange")]
    [InlineData("kex_exchange_identification: read: Connection reset by peer")]
    [InlineData("client_loop: send disconnect: Broken pipe")]
    [InlineData("Timeout, server 10.0.0.3 not responding.")]
    [InlineData("mux_client_request_session: read from master failed: Broken pipe")]
    [InlineData("")]
    public void AConnectionThatFailsMayPass(string error) => Of(error).MayPass.ShouldBeTrue();

    [Theory]
    [InlineData("ssh: connect to host 10.0.0.3 port 22: Connection refused", "Connection refused")]
    [InlineData("Connection timed out during banner exchange\nConnection to 10.0.0.3 port 22 timed out", "Connection timed out during banner exchange")]
    [InlineData("kex_exchange_identification: read: Connection reset by peer", "kex_exchange_identification: read: Connection reset by peer")]
    public void WhomItWasToReachIsSaidOnce(string error, string says) => Of(error).Message.ShouldBe($"the connection to node3 (10.0.0.3, port 22) failed: {says}");

    [Theory]
    [InlineData("wizard@10.0.0.3: Permission denied (publickey).", "authorized_keys")]
    [InlineData("Load key \"/tmp/stepper-x/key\": error in libcrypto", "/secrets/ssh_key")]
    [InlineData("No ED25519 host key is known for node3 and you have requested strict checking.\nHost key verification failed.", "ssh-keyscan")]
    [InlineData("@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\nHost key verification failed.", "find out who answers there")]
    [InlineData("Unable to negotiate with 10.0.0.3 port 22: no matching host key type found.", "can't work")]
    [InlineData("No user exists for uid 10001", "can't work")]
    public void ARefusalDoesNotPassAndSaysWhatToDo(string error, string says)
    {
        Of(error).MayPass.ShouldBeFalse();
        Of(error).Message.ShouldContain(says);
        Of(error).Message.ShouldContain("node3 (10.0.0.3, port 22)");
    }

    [Fact]
    public void WhereKeysAreTrustedOnFirstUseAnotherPlaceIsNamed() =>
        SshFailure.Of(Node, Settings, keysAreGiven: false, "Host key verification failed.").Message.ShouldContain("ConfigMap k8s-upgrade-known-hosts");

    [Fact]
    public void ASocketThatCannotBeMadeIsNoReasonNotToConnect()
    {
        SshFailure.IsOnlyAboutSharing("unix_listener: path \"/a/very/long/path\" too long for Unix domain socket").ShouldBeTrue();
        SshFailure.IsOnlyAboutSharing("ssh: connect to host 10.0.0.3 port 22: Connection refused").ShouldBeFalse();
    }

    private static ShellException Of(string error) => SshFailure.Of(Node, Settings, keysAreGiven: true, error);
}
