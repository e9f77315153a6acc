using System.Buffers.Text;
using System.Text;

namespace Stepper.Cluster.Monitoring;

/// <summary>Under what Pushgateway keeps what is pushed: a job, and other labels. What has other labels is another group.</summary>
public sealed record PushGroup(string Job, params IReadOnlyList<(string Label, string Value)> Labels)
{
    /// <summary>What the chain says of the run in flight.</summary>
    public static PushGroup Upgrade { get; } = new("k8s-version-upgrade");

    /// <summary>What detection says.</summary>
    public static PushGroup VersionCheck { get; } = new("k8s-version-check");

    /// <summary>A group for each, because a push replaces every series of its metric names in its group, those of other nodes too (measured).</summary>
    public static PushGroup Phase(string phase, string node) => new("k8s-version-upgrade", ("phase", phase), ("node", node));

    internal string Path => "/metrics" + string.Concat(new[] { (Label: "job", Value: Job) }.Concat(Labels).Select(label => Part(label.Label, label.Value)));

    // A path can't carry a slash or nothing at all (measured: 400), and an address loses its "." and "..": those go as base64.
    private static string Part(string label, string value) => value is "" or "." or ".." || value.Contains('/', StringComparison.Ordinal)
        ? $"/{label}@base64/{(value.Length == 0 ? "=" : Base64Url.EncodeToString(Encoding.UTF8.GetBytes(value)))}"
        : $"/{label}/{Uri.EscapeDataString(value)}";
}
