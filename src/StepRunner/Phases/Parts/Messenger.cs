using System.Text.Json.Nodes;
using Stepper.Cluster;
using Stepper.Cluster.Messages;

namespace Stepper.StepRunner.Phases.Parts;

/// <summary>Tells people: to Slack and to a webhook, where they are set up. What can't be sent is said and fails nothing.</summary>
internal sealed class Messenger(Slack? slack, Webhook? webhook, Action<string> say)
{
    /// <summary>As who detection speaks, and what begins a chain.</summary>
    public const string Detection = "k8s-version-check";

    public Task SendAsync(Step step, string text, CancellationToken ct) => SendAsync(step.Phase, step.Node, text, ct);

    public Task SendAsync(PhaseName phase, string? node, string text, CancellationToken ct) => SendAsync(Speaker(phase, node), text, ct);

    /// <summary>As who a step speaks.</summary>
    public static string Speaker(PhaseName phase, string? node) => $"k8s-upgrade-{phase.Text()}" + (phase is PhaseName.Worker ? ":" + node : "");

    /// <param name="from">Who speaks; stands in brackets before the text.</param>
    public async Task SendAsync(string from, string text, CancellationToken ct)
    {
        say($"message: {text}");
        if (slack is not null)
        {
            await TryAsync(() => slack.SayAsync($"[{from}] {text}", ct));
        }

        if (webhook is not null)
        {
            await TryAsync(() => webhook.PostAsync(new JsonObject { ["from"] = from, ["text"] = text }, ct));
        }
    }

    /// <param name="from">Who speaks.</param>
    public async Task SendAsync(string from, Letter letter, CancellationToken ct)
    {
        if (slack is not null)
        {
            await TryAsync(() => slack.SendAsync(from, letter, ct));
        }

        if (webhook is not null)
        {
            await TryAsync(() => webhook.PostAsync(new JsonObject { ["from"] = from, ["text"] = letter.Text }, ct));
        }
    }

    private async Task TryAsync(Func<Task> send)
    {
        try
        {
            await send();
        }
        catch (SourceException e)
        {
            say($"warning: the message was not sent: {e.Message}");
        }
    }
}
