using Stepper.Cluster.Kubernetes;
using Stepper.Cluster.Kubernetes.Authentication;
using Stepper.Cluster.Tests.NodeShell;

namespace Stepper.Cluster.Tests.Kubernetes.Authentication;

/// <summary>Connections to a real HTTPS server: whom we believe, and who we say that we are.</summary>
public sealed class KubeConnectionTests : IAsyncLifetime
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("stepper-test-");
    private readonly Pki _pki = new("the cluster's authority");
    private readonly SetTime _time = new();
    private ApiServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await ApiServer.StartAsync(_pki.Server("127.0.0.1", "kubernetes"));
        Write("ca.crt", _pki.AuthorityPem);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task TheClustersOwnAuthorityIsBelieved() =>
        (await AskedAsync("certificate-authority: ca.crt", "token: abc")).ShouldBe("/api/v1/nodes|Bearer abc||HTTP/2");

    [Fact]
    public async Task AnAuthorityMayStandInTheFileItself() =>
        (await AskedAsync($"certificate-authority-data: {Base64(_pki.AuthorityPem)}", "token: abc")).ShouldStartWith("/api/v1/nodes|Bearer abc|");

    [Fact]
    public async Task AnotherAuthorityIsNotBelieved()
    {
        Write("ca.crt", new Pki("another authority").AuthorityPem);

        (await RefusedAsync("certificate-authority: ca.crt")).ShouldBeOfType<ServerCertificateException>();
    }

    [Fact]
    public async Task WithoutAnAuthorityThisMachinesOwnAreAsked() => (await RefusedAsync("x: y")).ShouldBeOfType<ServerCertificateException>();

    [Fact]
    public async Task AServerWithAnotherNameIsNotBelieved()
    {
        await using var server = await ApiServer.StartAsync(_pki.Server("kubernetes"));

        (await RefusedAsync("certificate-authority: ca.crt", server.Address)).ShouldBeOfType<ServerCertificateException>();
    }

    [Fact]
    public async Task TheServersNameMayBeGiven()
    {
        await using var server = await ApiServer.StartAsync(_pki.Server("kubernetes"));

        (await AskedAsync("certificate-authority: ca.crt, tls-server-name: kubernetes", "token: abc", server.Address)).ShouldContain("Bearer abc");
        (await RefusedAsync("certificate-authority: ca.crt, tls-server-name: other", server.Address)).ShouldBeOfType<ServerCertificateException>();
    }

    [Fact]
    public async Task AClientCertificateArrives()
    {
        var (certificate, key) = _pki.ClientPem("admin");
        Write("me.crt", certificate);

        (await AskedAsync("certificate-authority: ca.crt", $"client-certificate: me.crt, client-key-data: {Base64(key)}")).ShouldContain("||CN=admin|");
    }

    [Fact]
    public async Task ATokenFileIsReadAgainAfterAMinute()
    {
        using var client = Client("certificate-authority: ca.crt", "tokenFile: token");
        Write("token", "one\n");
        (await client.GetStringAsync("x")).ShouldContain("Bearer one|");
        Write("token", "two\n");

        (await client.GetStringAsync("x")).ShouldContain("Bearer one|");
        _time.Now += TimeSpan.FromMinutes(1);
        (await client.GetStringAsync("x")).ShouldContain("Bearer two|");
    }

    [Fact]
    public async Task ATokenThatIsRefusedIsReadAgainAtOnce()
    {
        using var client = Client("certificate-authority: ca.crt", "tokenFile: token");
        Write("token", "one");
        await client.GetStringAsync("x");
        Write("token", "two");
        _server.OnlyToken = "two";

        (await client.PostAsync("x", new StringContent("body"))).EnsureSuccessStatusCode();
    }

    [Fact]
    public async Task ATokenThatCannotBeReadForAMomentIsStillGood()
    {
        using var client = Client("certificate-authority: ca.crt", "tokenFile: token");
        Write("token", "one");
        await client.GetStringAsync("x");
        File.Delete(PathOf("token"));
        _time.Now += TimeSpan.FromMinutes(2);

        (await client.GetStringAsync("x")).ShouldContain("Bearer one|");
    }

    [Fact]
    public async Task ARefusalIsAnAnswerWhenThereIsNoOtherToken()
    {
        _server.OnlyToken = "another";
        using var client = Client("certificate-authority: ca.crt", "token: abc");

        ((int)(await client.GetAsync("x")).StatusCode).ShouldBe(401);
        _server.Requests.ShouldBe(1);
    }

    [Fact]
    public async Task APluginsTokenIsUsedUntilItRunsOut()
    {
        Plugin("""n=$(cat n 2>/dev/null || echo 0); n=$((n + 1)); echo $n >n; printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"%s-%s-%s","expirationTimestamp":"2026-11-22T11:00:00Z"}}' "$n" "$1" "$GREETING" """);
        using var client = Client("certificate-authority: ca.crt", Exec("args: [first], env: [{name: GREETING, value: hello}]"));

        (await client.GetStringAsync("x")).ShouldContain("Bearer 1-first-hello|");
        (await client.GetStringAsync("x")).ShouldContain("Bearer 1-first-hello|");
        _time.Now = new DateTimeOffset(2026, 11, 22, 11, 0, 0, TimeSpan.Zero);
        (await client.GetStringAsync("x")).ShouldContain("Bearer 2-first-hello|");
    }

    [Fact]
    public async Task APluginIsAskedAgainWhenItsTokenIsRefused()
    {
        Plugin("""n=$(cat n 2>/dev/null || echo 0); n=$((n + 1)); echo $n >n; printf '{"apiVersion":"client.authentication.k8s.io/v1","status":{"token":"%s"}}' "$n" """);
        _server.OnlyToken = "2";
        using var client = Client("certificate-authority: ca.crt", Exec("env: []"));

        (await client.GetStringAsync("x")).ShouldContain("Bearer 2|");
    }

    [Fact]
    public async Task APluginsNewCertificateIsShownAtOnceThoughTheOldConnectionStands()
    {
        foreach (var name in (string[])["one", "two"])
        {
            var (certificate, key) = _pki.ClientPem(name);
            Write(name, $$$"""{"apiVersion":"client.authentication.k8s.io/v1","status":{"clientCertificateData":{{{Json(certificate)}}},"clientKeyData":{{{Json(key)}}} }}""");
        }

        Plugin("[ -e asked ] && cat two || cat one; touch asked");
        using var client = Client("certificate-authority: ca.crt", Exec("env: []"));
        (await client.GetStringAsync("x")).ShouldContain("|CN=one|");
        _server.OnlySubject = "CN=two";

        (await client.GetStringAsync("x")).ShouldContain("|CN=two|");
    }

    [Fact]
    public async Task APluginsRefusalIsItsOwnForAllWhoWereRefusedAtOnce()
    {
        Plugin("""n=$(cat n 2>/dev/null || echo 0); n=$((n + 1)); echo $n >n; printf '{"apiVersion":"client.authentication.k8s.io/v1","status":{"token":"%s"}}' "$n" """);
        using var client = Client("certificate-authority: ca.crt", Exec("env: []"));
        await client.GetStringAsync("x");
        _server.OnlyToken = "2";

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => client.GetStringAsync("x")));

        (await File.ReadAllTextAsync(PathOf("n"))).Trim().ShouldBe("2");
    }

    [Fact]
    public async Task APluginThatHangsIsGivenUp()
    {
        Plugin("sleep 600");
        _time.IsShort = true;

        var failure = await Should.ThrowAsync<KubeConfigException>(() => AskedAsync("certificate-authority: ca.crt", Exec("env: []")));

        failure.Message.ShouldEndWith("did not end within 60 s");
    }

    [Fact]
    public async Task APluginsCertificateArrives()
    {
        var (certificate, key) = _pki.ClientPem("plugged");
        Write("answer", $$$"""{"apiVersion":"client.authentication.k8s.io/v1beta1","status":{"clientCertificateData":{{{Json(certificate)}}},"clientKeyData":{{{Json(key)}}} }}""");
        Plugin("cat answer");

        (await AskedAsync("certificate-authority: ca.crt", Exec("env: []", "v1beta1"))).ShouldContain("||CN=plugged|");
    }

    [Fact]
    public async Task APluginWithoutAPathIsTakenFromPathAndFromNowhereElse()
    {
        Stand.In(_directory.FullName, "by-name", """echo '{"apiVersion":"client.authentication.k8s.io/v1","status":{"token":"found"}}'""");
        var user = Exec("env: []").Replace("./plugin", "by-name", StringComparison.Ordinal);

        (await AskedAsync("certificate-authority: ca.crt", user, path: "relative:/nowhere:" + _directory.FullName)).ShouldContain("Bearer found|");
        (await Should.ThrowAsync<KubeConfigException>(() => AskedAsync("certificate-authority: ca.crt", user, path: ".:/nowhere"))).Message.ShouldContain("by-name is not in PATH");
    }

    [Fact]
    public async Task AnAnswerThatIsCutInTheMiddleIsAskedForAgain()
    {
        await using var server = await ApiServer.StartAsync(_pki.Server("127.0.0.1"), ScriptedApi.Map("1"));
        server.Cuts = 2;
        var http = Client("certificate-authority: ca.crt", "token: abc", server.Address);
        http.Timeout = Timeout.InfiniteTimeSpan;

        var found = await new KubeApi(http, new Wait(TimeProvider.System), _ => { }).FindAsync(Resources.ConfigMaps, "ns", "a", TestContext.Current.CancellationToken);

        found.ShouldNotBeNull().Metadata.ResourceVersion.ShouldBe("1");
        server.Requests.ShouldBe(3);
    }

    [Fact]
    public async Task APluginIsToldOfTheClusterAndThatNobodyIsThere()
    {
        Plugin("""printf '%s' "$KUBERNETES_EXEC_INFO" >info; echo '{"apiVersion":"client.authentication.k8s.io/v1","status":{"token":"t"}}'""");

        await AskedAsync("certificate-authority: ca.crt, tls-server-name: kubernetes", Exec("provideClusterInfo: true"));

        (await File.ReadAllTextAsync(PathOf("info"))).ShouldBe(
            """{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","spec":{"interactive":false,"cluster":"""
            + $$"""{"server":"{{_server.Address}}","certificate-authority-data":"{{Base64(_pki.AuthorityPem)}}","tls-server-name":"kubernetes"}""" + "}}");
    }

    [Theory]
    [InlineData("echo login first >&2; exit 4", "ended with 4: login first")]
    [InlineData("echo nothing", "answered what is no ExecCredential")]
    [InlineData("true", "answered what is no ExecCredential")]
    [InlineData("echo '[]'", "answered what is no ExecCredential")]
    [InlineData("""echo '{"apiVersion":"client.authentication.k8s.io/v1","status":{"token":7}}'""", "answered what is no ExecCredential")]
    [InlineData("""echo '{"apiVersion":"client.authentication.k8s.io/v1","status":{"token":"t","expirationTimestamp":"soon"}}'""", "answered what is no ExecCredential")]
    [InlineData("""echo '{"apiVersion":"client.authentication.k8s.io/v1","status":{}}'""", "answered neither a token nor a client certificate")]
    [InlineData("""echo '{"apiVersion":"client.authentication.k8s.io/v1beta1","status":{"token":"t"}}'""", "no ExecCredential of client.authentication.k8s.io/v1")]
    public async Task APluginThatFailsIsNamed(string script, string says)
    {
        Plugin(script);

        var failure = await Should.ThrowAsync<KubeConfigException>(() => AskedAsync("certificate-authority: ca.crt", Exec("env: []")));

        failure.Message.ShouldContain($"kubeconfig {PathOf("config")}, user \"u\": the program");
        failure.Message.ShouldContain(says);
    }

    [Fact]
    public async Task APluginThatIsNotThereIsSaidWithItsHint()
    {
        var failure = await Should.ThrowAsync<KubeConfigException>(() => AskedAsync("certificate-authority: ca.crt", Exec("installHint: Get it there.")));

        failure.Message.ShouldEndWith("Get it there.");
    }

    [Fact]
    public async Task ATokenThatIsNoneIsSaidAndNotShown()
    {
        using var client = Client("certificate-authority: ca.crt", "tokenFile: token");
        Write("token", "secret one\nsecret two");

        var failure = await Should.ThrowAsync<KubeConfigException>(() => client.GetStringAsync("x"));

        failure.Message.ShouldEndWith("what is given as token is none; one line of visible ASCII is needed");
    }

    [Fact]
    public async Task InAPodANewTokenIsTakenWhenTheOldOneIsRefused()
    {
        Write("token", "old");
        var address = new Uri(_server.Address);
        var connection = InPod.Find(name => name == "KUBERNETES_SERVICE_HOST" ? address.Host : $"{address.Port}", _directory.FullName, _time).ShouldNotBeNull();
        using var client = new HttpClient(connection.Handler) { BaseAddress = connection.Address };
        await client.GetStringAsync("x");
        Write("token", "new");
        _server.OnlyToken = "new";

        (await client.GetStringAsync("x")).ShouldContain("Bearer new|");
    }

    [Fact]
    public void InAPodWithoutAnAuthorityItIsSaidWhereItComesFrom()
    {
        Write("token", "t");
        File.Delete(PathOf("ca.crt"));

        Should.Throw<KubeConfigException>(() => InPod.Find(_ => "10.96.0.1", _directory.FullName, _time)).Message.ShouldContain("automountServiceAccountToken: true");
    }

    [Fact]
    public void InAPodWithoutATokenItIsSaidWhatToSet() =>
        Should.Throw<KubeConfigException>(() => KubeConnection.Find(name => name == "KUBERNETES_SERVICE_HOST" ? "10.96.0.1" : null, null, null, _time))
            .Message.ShouldStartWith("no cluster is known: this pod has no token of its service account in /var/run/secrets/kubernetes.io/serviceaccount (set automountServiceAccountToken: true");

    [Fact]
    public async Task InAPodTheServiceAccountIsUsed()
    {
        Write("token", "pod-token");
        Write("namespace", "k8s-upgrade");
        var address = new Uri(_server.Address);
        var connection = InPod.Find(name => name == "KUBERNETES_SERVICE_HOST" ? address.Host : $"{address.Port}", _directory.FullName, _time).ShouldNotBeNull();

        connection.Namespace.ShouldBe("k8s-upgrade");
        using var client = new HttpClient(connection.Handler) { BaseAddress = connection.Address };
        (await client.GetStringAsync("readyz")).ShouldStartWith("/readyz|Bearer pod-token|");
    }

    [Fact]
    public void APodsApiServerMayHaveAnAddressOfIpv6()
    {
        Write("token", "t");

        InPod.Find(name => name == "KUBERNETES_SERVICE_HOST" ? "fd00::1" : "6443", _directory.FullName, _time).ShouldNotBeNull().Address.ShouldBe(new Uri("https://[fd00::1]:6443/"));
    }

    [Fact]
    public void WithoutAServiceAccountThisIsNoPod() => InPod.Find(_ => "10.96.0.1", _directory.FullName, _time).ShouldBeNull();

    [Fact]
    public async Task OnlyTheApiServerGetsTheToken()
    {
        await using var other = await ApiServer.StartAsync(_pki.Server("127.0.0.1"));
        using var client = new HttpClient(new OutsideHandler(Connection("certificate-authority: ca.crt", "token: abc"), PathOf("ca.crt"), _ => null));

        (await client.GetStringAsync(_server.Address + "/a")).ShouldContain("Bearer abc");
        (await client.GetStringAsync(other.Address + "/a")).ShouldStartWith("/a|||");
    }

    [Fact]
    public async Task OthersAreBelievedOnlyWithTheirOwnAuthorityAndName()
    {
        await using var unnamed = await ApiServer.StartAsync(_pki.Server("prometheus"));
        using var without = new HttpClient(new OutsideHandler(Connection("certificate-authority: ca.crt", "token: abc"), caFile: null, _ => null));
        using var with = new HttpClient(new OutsideHandler(Connection("certificate-authority: ca.crt", "token: abc"), PathOf("ca.crt"), _ => null));
        await using var other = await ApiServer.StartAsync(_pki.Server("127.0.0.1"));
        await using var stranger = await ApiServer.StartAsync(new Pki("stranger").Server("127.0.0.1"));

        await Should.ThrowAsync<HttpRequestException>(() => without.GetStringAsync(other.Address));
        await Should.ThrowAsync<HttpRequestException>(() => with.GetStringAsync(unnamed.Address));
        await Should.ThrowAsync<HttpRequestException>(() => with.GetStringAsync(stranger.Address));
    }

    [Fact]
    public async Task WhereTheRuntimeReadsNoAuthoritiesThoseOfTheMachineAreBelievedAndNobodyElse()
    {
        await using var other = await ApiServer.StartAsync(_pki.Server("127.0.0.1"));
        await using var unnamed = await ApiServer.StartAsync(_pki.Server("prometheus"));
        await using var expired = await ApiServer.StartAsync(_pki.Server(new DateTimeOffset(2021, 2, 3, 4, 5, 6, TimeSpan.Zero), "127.0.0.1"));
        await using var stranger = await ApiServer.StartAsync(new Pki("stranger").Server("127.0.0.1"));
        using var client = new HttpClient(new OutsideHandler(Connection("certificate-authority: ca.crt", "token: abc"), caFile: null, _ => null, PathOf("ca.crt")));
        Write("company.crt", new Pki("company").AuthorityPem);
        using var both = new HttpClient(new OutsideHandler(Connection("certificate-authority: ca.crt", "token: abc"), PathOf("company.crt"), _ => null, PathOf("ca.crt")));

        (await client.GetStringAsync(other.Address + "/a")).ShouldStartWith("/a|||");
        (await both.GetStringAsync(other.Address + "/a")).ShouldStartWith("/a|||");
        await Should.ThrowAsync<HttpRequestException>(() => client.GetStringAsync(unnamed.Address));
        await Should.ThrowAsync<HttpRequestException>(() => client.GetStringAsync(expired.Address));
        await Should.ThrowAsync<HttpRequestException>(() => both.GetStringAsync(stranger.Address));
    }

    [Fact]
    public async Task TheMachinesOwnAreNotReadForTheApiServer()
    {
        using var client = new HttpClient(new OutsideHandler(Connection("certificate-authority: ca.crt", "token: abc"), caFile: null, _ => null, PathOf("none.crt")));
        await using var other = await ApiServer.StartAsync(_pki.Server("127.0.0.1"));

        (await client.GetStringAsync(_server.Address + "/a")).ShouldContain("Bearer abc");
        (await Should.ThrowAsync<Exception>(() => client.GetStringAsync(other.Address))).ToString().ShouldContain("this machine's certificate authorities: ");
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("/etc/company.pem", null)]
    [InlineData("/dev/null", "/etc/ssl/certs/ca-certificates.crt")]
    public void TheRuntimeIsLeftToReadThemWhereItIsNotKeptFromIt(string? named, string? read) =>
        MachineAuthorities.File(name => name == "SSL_CERT_FILE" ? named : null).ShouldBe(read);

    private async Task<string> AskedAsync(string cluster, string user, string? server = null, string? path = null)
    {
        using var client = Client(cluster, user, server, path);
        return await client.GetStringAsync("api/v1/nodes");
    }

    private async Task<Exception?> RefusedAsync(string cluster, string? server = null) =>
        (await Should.ThrowAsync<HttpRequestException>(() => AskedAsync(cluster, "token: abc", server))).InnerException;

    private HttpClient Client(string cluster, string user, string? server = null, string? path = null)
    {
        var connection = Connection(cluster, user, server, path);
        return new HttpClient(connection.Handler) { BaseAddress = connection.Address };
    }

    private KubeConnection Connection(string cluster, string user, string? server = null, string? path = null)
    {
        Write("config", $$$"""
            current-context: c
            contexts: [{name: c, context: {cluster: k, user: u}}]
            clusters: [{name: k, cluster: {server: "{{{server ?? _server.Address}}}", {{{cluster}}} }}]
            users: [{name: u, user: { {{{user}}} }}]
            """);
        return KubeConnection.Find(name => name == "PATH" ? path : null, PathOf("config"), null, _time);
    }

    private void Plugin(string script) => Stand.In(_directory.FullName, "plugin", $"cd {_directory.FullName}; {script}");

    private static string Exec(string more, string version = "v1") => $"exec: {{apiVersion: client.authentication.k8s.io/{version}, command: ./plugin, {more}}}";

    private string PathOf(string name) => Path.Combine(_directory.FullName, name);

    private void Write(string name, string text) => File.WriteAllText(PathOf(name), text);

    private static string Base64(string text) => Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(text));

    private static string Json(string text) => System.Text.Json.JsonSerializer.Serialize(text);

    private sealed class SetTime : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 11, 22, 10, 0, 0, TimeSpan.Zero);

        /// <summary>A minute is over at once.</summary>
        public bool IsShort { get; set; }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, IsShort ? dueTime / 600 : dueTime, period);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
