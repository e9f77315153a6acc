using System.Net;
using System.Text.Json.Nodes;
using Stepper.Cluster.Messages;

namespace Stepper.Cluster.Tests.Messages;

public sealed class MessageTests
{
    private const string Secret = "T0/B0/s3cr3t";
    private const string Hook = $"https://hooks.example.com/services/{Secret}";
    private readonly OutsideWorld _world = new(new DateTimeOffset(2026, 11, 22, 10, 30, 0, TimeSpan.Zero));

    [Fact]
    public void SlackGetsTheTextAndNobodyIsCalledByIt()
    {
        _world.Web.Answer($"POST {Hook}", "ok");

        Slack("[k8s-upgrade-worker:node3] a < b & \"c\" <!channel>").ShouldBeNull();

        JsonNode.Parse(_world.Web.Body)!["text"]!.GetValue<string>().ShouldBe("[k8s-upgrade-worker:node3] a &lt; b &amp; \"c\" &lt;!channel&gt;");
    }

    [Theory]
    [InlineData(HttpStatusCode.NotFound, "no_service", "Slack (hooks.example.com) answered 404: no_service")]
    [InlineData(HttpStatusCode.BadGateway, $"<p>no route to /services/{Secret}</p>", "Slack (hooks.example.com) answered 502")]
    [InlineData(HttpStatusCode.Found, "", "Slack (hooks.example.com) answered 302")]
    public void SlacksRefusalIsAnErrorWithoutTheSecret(HttpStatusCode code, string body, string error)
    {
        _world.Web.Answer($"POST {Hook}", body, code);

        Slack("x").ShouldBe(error);
    }

    [Fact]
    public void SlackThatHangsIsGivenUpAfterTenSeconds()
    {
        var start = _world.Now;
        _world.Web.NeverAnswer($"POST {Hook}");

        Slack("x").ShouldBe("Slack (hooks.example.com): no answer within 10 s");
        (_world.Now - start).ShouldBe(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void AWebhookGetsTheJson()
    {
        _world.Web.Answer($"POST {Hook}", "", HttpStatusCode.NoContent);

        Webhook(new JsonObject { ["phase"] = "worker" }).ShouldBeNull();

        _world.Web.Body.ShouldBe("{\"phase\":\"worker\"}");
    }

    [Fact]
    public void AWebhooksRefusalIsAnErrorWithoutTheSecret()
    {
        _world.Web.Answer($"POST {Hook}", $"no route to /services/{Secret}", HttpStatusCode.NotFound);

        Webhook([]).ShouldBe("webhook (hooks.example.com) answered 404");
    }

    [Fact]
    public void AWebhookThatRefusesConnectionsIsAnErrorWithoutTheSecret()
    {
        _world.Web.Refuse($"POST {Hook}");

        Webhook([]).ShouldBe("webhook (hooks.example.com): Connection refused");
    }

    private string? Slack(string text) => _world.Failure(() => new Slack(_world.Http(), new Uri(Hook), _world.Wait).SayAsync(text, CancellationToken.None));

    private string? Webhook(JsonObject message) =>
        _world.Failure(() => new Webhook(_world.Http(), new Uri(Hook), _world.Wait).PostAsync(message, CancellationToken.None));
}
