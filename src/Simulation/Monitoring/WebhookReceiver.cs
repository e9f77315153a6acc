using System.Net;

namespace Stepper.Simulation.Monitoring;

/// <summary>What Slack's incoming webhooks, or another receiver of messages, were sent.</summary>
public sealed class WebhookReceiver(VirtualTime time)
{
    private readonly List<WebhookPost> _posts = [];

    public IReadOnlyList<WebhookPost> Posts => _posts;

    /// <summary>What it answers; 200 by default.</summary>
    public HttpStatusCode Answers { get; set; } = HttpStatusCode.OK;

    internal async Task<HttpResponseMessage> AnswerAsync(HttpRequestMessage request, CancellationToken ct)
    {
        var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(ct);
        if (Answers == HttpStatusCode.OK)
        {
            _posts.Add(new WebhookPost(time.GetUtcNow(), request.RequestUri!, body));
        }

        return new HttpResponseMessage(Answers) { Content = new StringContent(Answers == HttpStatusCode.OK ? "ok" : "") };
    }
}

/// <param name="Body">As it was sent: JSON.</param>
public sealed record WebhookPost(DateTimeOffset Time, Uri Address, string Body);
