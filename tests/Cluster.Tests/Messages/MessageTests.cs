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

    [Fact]
    public void ALetterIsTextAndBlocksAndNobodyIsCalledByEither()
    {
        _world.Web.Answer($"POST {Hook}", "ok");
        var letter = new Letter("A & b", [new LetterPart("", "First."), new LetterPart("One", "<!channel>"), new LetterPart("Two", "x", "y")]);

        Try(slack => slack.SendAsync("report", letter, CancellationToken.None)).ShouldBeNull();

        var message = JsonNode.Parse(_world.Web.Body)!;
        message["text"]!.GetValue<string>().ShouldBe("[report] A &amp; b\nFirst.\nOne: &lt;!channel&gt;\nTwo:\n- x\n- y");
        message["blocks"]!.AsArray().Select(block => $"{block!["type"]} {block["text"]!["type"]} {block["text"]!["text"]}").ShouldBe(
            ["header plain_text A &amp; b", "section mrkdwn First.", "section mrkdwn *One*\n&lt;!channel&gt;", "section mrkdwn *Two*\n• x\n• y"]);
    }

    [Fact]
    public void WhatSlackWouldRefuseAsTooLongIsCutAndSaysSo()
    {
        _world.Web.Answer($"POST {Hook}", "ok");
        var letter = new Letter(new string('&', 200), [new LetterPart("Many", [.. Enumerable.Repeat(new string('<', 300), 9)]), new LetterPart("Long", new string('>', 5000))]);

        Try(slack => slack.SendAsync("report", letter, CancellationToken.None)).ShouldBeNull();

        var texts = JsonNode.Parse(_world.Web.Body)!["blocks"]!.AsArray().Select(block => block!["text"]!["text"]!.GetValue<string>()).ToList();
        texts[0].Length.ShouldBeLessThanOrEqualTo(SlackBlocks.MostOfTitle);
        texts.Skip(1).ShouldAllBe(text => text.Length > SlackBlocks.MostOfPart - 100 && text.Length <= SlackBlocks.MostOfPart);
        texts.Skip(1).ShouldAllBe(text => text.EndsWith("…\n(the rest is shown by: stepper report)", StringComparison.Ordinal));
    }

    // However little room the first line leaves for the second.
    [Fact]
    public void ALineThatHasHardlyAnyRoomIsLeftOut()
    {
        for (var length = SlackBlocks.MostOfPart - 70; length <= SlackBlocks.MostOfPart; length++)
        {
            var blocks = SlackBlocks.Of(new Letter("Title", [new LetterPart("", new string('x', length), new string('y', 80))]));

            blocks[1]!["text"]!["text"]!.GetValue<string>().Length.ShouldBeLessThanOrEqualTo(SlackBlocks.MostOfPart);
        }
    }

    [Theory]
    [InlineData(HttpStatusCode.NotFound, "no_service", "Slack (hooks.example.com) answered 404: no_service")]
    [InlineData(HttpStatusCode.BadGateway, $"<p>no route to /services/{Secret}</p>", "Slack (hooks.example.com) answered 502 with a page: that is not Slack")]
    [InlineData(HttpStatusCode.Found, "", "Slack (hooks.example.com) answered 302")]
    [InlineData(HttpStatusCode.BadRequest, "invalid_payload", "Slack (hooks.example.com) answered 400: invalid_payload")]
    [InlineData(HttpStatusCode.Forbidden, "action_prohibited", "Slack (hooks.example.com) answered 403: action_prohibited")]
    [InlineData(HttpStatusCode.Gone, "channel_is_archived", "Slack (hooks.example.com) answered 410: channel_is_archived")]
    [InlineData(HttpStatusCode.InternalServerError, "rollup_error", "Slack (hooks.example.com) answered 500: rollup_error")]
    [InlineData(HttpStatusCode.OK, "<html>Sign in</html>", "Slack (hooks.example.com) answered 200 with a page: that is not Slack")]
    public void SlacksRefusalIsAnErrorWithoutTheSecret(HttpStatusCode code, string body, string error)
    {
        _world.Web.Answer($"POST {Hook}", body, code);

        Slack("x").ShouldBe(error);
    }

    [Fact]
    public void SlackThatHangsIsAskedThreeTimesInNineteenSeconds()
    {
        var start = _world.Now;
        _world.Web.NeverAnswer($"POST {Hook}");

        Slack("x").ShouldBe("Slack (hooks.example.com): no answer within 5 s");
        _world.Web.Asked.Count.ShouldBe(3);
        (_world.Now - start).ShouldBe(TimeSpan.FromSeconds(19));
    }

    [Fact]
    public void WhatNoRepetitionHelpsIsNotRepeated()
    {
        _world.Web.Answer($"POST {Hook}", "channel_is_archived", HttpStatusCode.Gone);

        Slack("x").ShouldNotBeNull();

        _world.Web.Asked.Count.ShouldBe(1);
    }

    [Fact]
    public void SlackIsLeftAloneForAsLongAsItAsks()
    {
        var start = _world.Now;
        _world.Web.AnswerInTurn($"POST {Hook}", () => TooMany(7), () => new HttpResponseMessage { Content = new StringContent("ok") });

        Slack("x").ShouldBeNull();

        (_world.Now - start).ShouldBe(TimeSpan.FromSeconds(7));
    }

    [Fact]
    public void SlackThatAsksForTooLongIsNotWaitedFor()
    {
        var start = _world.Now;
        _world.Web.AnswerInTurn($"POST {Hook}", () => TooMany(30));

        Slack("x").ShouldBe("Slack (hooks.example.com) answered 429: it asks to be left alone for 30 s");
        (_world.Now - start).ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public void ALongTextIsCutBetweenTwoCharactersAndSaysSo()
    {
        _world.Web.Answer($"POST {Hook}", "ok");

        // Each stands for five characters, but for the last, which is one of two halves.
        Slack(string.Concat(Enumerable.Repeat("&", 7_799)) + "\U0001F680\U0001F680\U0001F680\U0001F680").ShouldBeNull();

        var text = JsonNode.Parse(_world.Web.Body)!["text"]!.GetValue<string>();
        text.ShouldEndWith("&amp;\U0001F680\U0001F680\U0001F680… (2 more characters are in the log)");
        text.Length.ShouldBeLessThan(40_000);
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

    private static HttpResponseMessage TooMany(int seconds)
    {
        var answer = new HttpResponseMessage(HttpStatusCode.TooManyRequests) { Content = new StringContent("") };
        answer.Headers.RetryAfter = new(TimeSpan.FromSeconds(seconds));
        return answer;
    }

    private string? Slack(string text) => Try(slack => slack.SayAsync(text, CancellationToken.None));

    private string? Try(Func<Slack, Task> send) => _world.Failure(() => send(new Slack(_world.Http(), new Uri(Hook), _world.Wait)));

    private string? Webhook(JsonObject message) =>
        _world.Failure(() => new Webhook(_world.Http(), new Uri(Hook), _world.Wait).PostAsync(message, CancellationToken.None));
}
