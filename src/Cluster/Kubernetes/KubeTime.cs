using System.Globalization;

namespace Stepper.Cluster.Kubernetes;

/// <summary>Times as the API writes them, and as stepper's own annotations have them: RFC 3339, whole seconds, UTC.</summary>
public static class KubeTime
{
    public const string Format = "yyyy-MM-ddTHH:mm:ssZ";

    public static string Text(DateTimeOffset time) => time.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture);

    /// <summary>The time in an annotation; null where there is no such annotation.</summary>
    /// <param name="owner">For a person: whose annotations these are.</param>
    /// <exception cref="SourceException">It is there, and is no time: what can't be read is never taken for absent.</exception>
    public static DateTimeOffset? Find(IReadOnlyDictionary<string, string> annotations, string name, string owner)
    {
        if (!annotations.TryGetValue(name, out var text))
        {
            return null;
        }

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : throw new SourceException($"{owner} has {name}=\"{text}\", which is no time such as 2026-11-22T12:00:00Z; right it or take it away");
    }
}
