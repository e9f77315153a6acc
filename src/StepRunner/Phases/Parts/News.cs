using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Stepper.Cluster;
using Stepper.Cluster.Kubernetes;
using Stepper.Cluster.Kubernetes.Objects;
using Stepper.StepRunner.State;

namespace Stepper.StepRunner.Phases.Parts;

/// <summary>
/// Messages that would come again at each detection: sent when the reason is another than the one that was told last, which is kept on the namespace. Where that
/// can't be read or kept, it is news.
/// </summary>
internal sealed class News(KubeApi api, string ns, Annotations names, Messenger messenger, Action<string> say)
{
    private const int KeptAtMost = 2000;

    /// <summary>A step refused.</summary>
    public Task TellRefusalAsync(Step step, string line, CancellationToken ct) =>
        TellAsync(names.ToldOfRefusal, Messenger.Speaker(step.Phase, step.Node), $"{step.Target} {step.Title}: {line}", line, ct);

    /// <summary>A detection aborted.</summary>
    /// <param name="card">How things stand, and what to run.</param>
    public Task TellAbortAsync(string reason, string card, CancellationToken ct) =>
        TellAsync(names.ToldOfDetection, Messenger.Detection, reason, $"ABORT: {AbortException.Sentence(reason)}\n{card}", ct);

    /// <summary>A detection came to its end: the same abort would be news again.</summary>
    public async Task ForgetAbortAsync(CancellationToken ct)
    {
        if (await LastAsync(names.ToldOfDetection, ct) is not null)
        {
            await KeepAsync(names.ToldOfDetection, null, ct);
        }
    }

    private async Task TellAsync(string about, string from, string reason, string text, CancellationToken ct)
    {
        var kept = Kept(reason);
        if (await LastAsync(about, ct) == kept)
        {
            say($"told before, and not again: {text.Split('\n')[0]}");
            return;
        }

        // Kept afterwards: rather told twice than never.
        await messenger.SendAsync(from, text, ct);
        await KeepAsync(about, kept, ct);
    }

    // Of one that is too long its sum stands for the rest: there too another one is news.
    private static string Kept(string reason) =>
        reason.Length <= KeptAtMost ? reason : $"{reason[..KeptAtMost]}… {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(reason)))}";

    private async Task<string?> LastAsync(string about, CancellationToken ct)
    {
        try
        {
            MetadataOnly known = await api.GetAsync(Resources.Namespaces, null, ns, ct);
            return known.Metadata.Annotations.GetValueOrDefault(about);
        }
        catch (SourceException e)
        {
            say($"what was told last can't be read: {e.Message}");
            return null;
        }
    }

    private async Task KeepAsync(string about, string? reason, CancellationToken ct)
    {
        try
        {
            await api.MergeAsync(Resources.Namespaces, null, ns, new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [about] = reason } } }, ct);
        }
        catch (SourceException e)
        {
            say($"what was told can't be kept, and will be told again: {e.Message}");
        }
    }
}
