using Stepper.Cluster.Kubernetes.Authentication;

namespace Stepper.Cluster.Tests.Kubernetes.Authentication;

/// <summary>What is read of kubeconfigs, and what is said of those that are not enough. What is sent then: <see cref="KubeConnectionTests"/>.</summary>
public sealed class KubeConfigTests : IDisposable
{
    private const string Whole = """
        apiVersion: v1
        kind: Config
        current-context: home
        contexts:
        - {name: home, context: {cluster: one, user: me, namespace: apps}}
        - {name: away, context: {cluster: two, user: me}}
        clusters:
        - {name: one, cluster: {server: "https://10.0.0.1:6443"}}
        - {name: two, cluster: {server: "https://rancher.example/k8s/clusters/c-1"}}
        users:
        - {name: me, user: {token: t}}
        """;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("stepper-test-");

    [Fact]
    public void TheCurrentContextIsTaken()
    {
        var connection = Connection(null, Whole);

        connection.Address.ShouldBe(new Uri("https://10.0.0.1:6443/"));
        connection.Namespace.ShouldBe("apps");
        connection.Origin.ShouldEndWith("context \"home\"");
    }

    [Fact]
    public void AnotherContextMayBeNamed()
    {
        var connection = Connection("away", Whole);

        new Uri(connection.Address, "api/v1/nodes").ShouldBe(new Uri("https://rancher.example/k8s/clusters/c-1/api/v1/nodes"));
        connection.Namespace.ShouldBe("default");
    }

    [Fact]
    public void OfSeveralFilesTheFirstOneWins()
    {
        const string first = """
            current-context: here
            clusters: [{name: one, cluster: {server: "https://192.0.2.1"}}]
            """;
        const string second = """
            current-context: elsewhere
            contexts: [{name: here, context: {cluster: one, user: me}}]
            """;

        Connection(null, first, second, Whole).Address.ShouldBe(new Uri("https://192.0.2.1/"));
    }

    [Fact]
    public void WhatTheFirstFileSaysOfAUserIsAllThatIsSaidOfThem()
    {
        const string first = "users: [{name: me, user: {client-key: /nowhere}}]";

        Complaint(null, first, Whole).ShouldContain("client-key /nowhere can't be read");
    }

    [Fact]
    public void OfSeveralFilesSomeMayBeMissing() =>
        KubeConnection.Find(Environment(("KUBECONFIG", $"/nowhere/config:{Written("a", Whole)}")), null, null, TimeProvider.System).Namespace.ShouldBe("apps");

    [Fact]
    public void APathIsRelativeToItsOwnFile()
    {
        _directory.CreateSubdirectory("other");
        var first = Written("first", "current-context: home");
        var second = Written("other/second", Whole.Replace("server: \"https://10.0.0.1:6443\"", "server: \"https://10.0.0.1\", certificate-authority: ca.crt", StringComparison.Ordinal));

        Should.Throw<KubeConfigException>(() => KubeConnection.Find(Environment(("KUBECONFIG", $"{first}:{second}")), null, null, TimeProvider.System))
            .Message.ShouldContain($"certificate-authority {_directory.FullName}/other/ca.crt can't be read");
    }

    [Fact]
    public void AFileThatWasNamedMustBeThere() =>
        Should.Throw<KubeConfigException>(() => KubeConnection.Find(Environment(), "/nowhere/config", null, TimeProvider.System)).Message.ShouldContain("/nowhere/config");

    [Fact]
    public void TheUsersOwnFileIsTheLastResort()
    {
        _directory.CreateSubdirectory(".kube");
        File.WriteAllText(Path.Combine(_directory.FullName, ".kube", "config"), Whole);

        KubeConnection.Find(Environment(("HOME", _directory.FullName)), null, null, TimeProvider.System).Namespace.ShouldBe("apps");
    }

    [Fact]
    public void WhereThereIsNoClusterItIsSaidWhatToSet() =>
        Should.Throw<KubeConfigException>(() => KubeConnection.Find(Environment(("HOME", _directory.FullName)), null, null, TimeProvider.System))
            .Message.ShouldContain("Set KUBECONFIG");

    [Theory]
    [InlineData("current-context: home", "current-context: nope", "there is no context \"nope\". There are: away, home")]
    [InlineData("current-context: home", "a: b", "there is no current-context. Set it with kubectl config use-context, to one of: away, home")]
    [InlineData("cluster: one", "cluster: three", "context \"home\": its cluster \"three\" is in no file")]
    [InlineData("user: me,", "user: you,", "context \"home\": its user \"you\" is in no file")]
    [InlineData("server: \"https://10.0.0.1:6443\"", "server: \"10.0.0.1\"", "cluster \"one\": server is \"10.0.0.1\"")]
    [InlineData("server: \"https://10.0.0.1:6443\"", "server: \"http://10.0.0.1\"", "without TLS only this machine itself is talked to")]
    [InlineData("server: \"https://10.0.0.1:6443\"", "a: b", "cluster \"one\": there is no server")]
    [InlineData("server: \"https://10.0.0.1:6443\"", "server: \"https://10.0.0.1\", insecure-skip-tls-verify: true", "TLS is always verified")]
    [InlineData("server: \"https://10.0.0.1:6443\"", "server: \"https://10.0.0.1\", certificate-authority-data: \"%\"", "certificate-authority-data is no base64")]
    [InlineData("server: \"https://10.0.0.1:6443\"", "server: \"https://10.0.0.1\", certificate-authority-data: Zm9v", "no PEM certificate in the certificate authority")]
    [InlineData("server: \"https://10.0.0.1:6443\"", "server: \"https://10.0.0.1\", proxy-url: \"ftp://x\"", "proxy-url is \"ftp://x\"")]
    [InlineData("token: t", "client-certificate-data: Zm9v", "user \"me\": there is a client-certificate, and no client-key")]
    [InlineData("token: t", "client-certificate-data: Zm9v, client-key-data: Zm9v", "user \"me\": the client certificate, or its key, can't be read")]
    [InlineData("token: t", "username: a, password: b", "username is not supported")]
    [InlineData("token: t", "auth-provider: {name: gcp}", "auth-provider is not supported")]
    [InlineData("token: t", "as: root", "as is not supported")]
    [InlineData("token: t", "exec: {apiVersion: client.authentication.k8s.io/v1alpha1, command: x}", "its exec plugin speaks client.authentication.k8s.io/v1alpha1")]
    [InlineData("token: t", "exec: {apiVersion: client.authentication.k8s.io/v1, command: x, interactiveMode: Always}", "nobody is there")]
    [InlineData("token: t", "exec: {apiVersion: client.authentication.k8s.io/v1}", "user \"me\": there is no command")]
    [InlineData("token: t", "exec: {apiVersion: client.authentication.k8s.io/v1, command: no-such-plugin, installHint: Get it.}", "its exec plugin no-such-plugin is not in PATH. Get it.")]
    [InlineData("token: t", "exec: {apiVersion: client.authentication.k8s.io/v1, command: sh, env: [{value: x}]}", "an entry of env has no name")]
    [InlineData("kind: Config", "kind: {", "is no YAML")]
    [InlineData("kind: Config", "kind: \"Config", "line ")]
    public void WhatIsWrongIsSaidWithItsPlace(string right, string wrong, string says)
    {
        Whole.ShouldContain(right);

        var complaint = Complaint(null, Whole.Replace(right, wrong, StringComparison.Ordinal));

        complaint.ShouldContain(says);
        complaint.ShouldContain(_directory.FullName);
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private string Complaint(string? context, params string[] files) => Should.Throw<KubeConfigException>(() => Connection(context, files)).Message;

    private KubeConnection Connection(string? context, params string[] files) =>
        KubeConfig.Read([.. files.Select((text, index) => Written($"config{index}", text))], mustExist: true).Connection(_ => null, context, TimeProvider.System);

    private string Written(string name, string text)
    {
        var path = Path.Combine(_directory.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }

    private static Func<string, string?> Environment(params (string Name, string Value)[] variables) =>
        variables.ToDictionary(variable => variable.Name, variable => variable.Value, StringComparer.Ordinal).GetValueOrDefault;
}
