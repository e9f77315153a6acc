namespace Stepper.Cluster.Kubernetes;

/// <summary>How long an API server that does not answer is asked again: it is away for minutes while its own node is upgraded.</summary>
public static class Patience
{
    /// <summary>After this long without an answer a call gives up.</summary>
    public static readonly TimeSpan AtMost = TimeSpan.FromMinutes(10);

    /// <summary>One attempt is given up after this long.</summary>
    public static readonly TimeSpan OneAttempt = TimeSpan.FromSeconds(30);

    /// <summary>That the server does not answer is said after this long for the first time…</summary>
    public static readonly TimeSpan SaidAfter = TimeSpan.FromSeconds(10);

    /// <summary>…and then again each time this long has passed.</summary>
    public static readonly TimeSpan SaidEvery = TimeSpan.FromSeconds(30);

    /// <summary>A server that has just come back refuses everybody with 403, until it has read its own roles (measured: half a second).</summary>
    public static readonly TimeSpan SettlesWithin = TimeSpan.FromSeconds(30);

    /// <summary>No pause is longer, whatever the server asks for.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    /// <summary>The pause after attempt <paramref name="attempt"/> (from 1), doubling from half a second up to five.</summary>
    /// <param name="asked">What the server asks for (<c>Retry-After</c>); null where it does not say.</param>
    public static TimeSpan After(int attempt, TimeSpan? asked = null)
    {
        var own = TimeSpan.FromSeconds(Math.Min(5, 0.25 * Math.Pow(2, Math.Min(attempt, 10))));
        return asked > own ? asked < LongestPause ? asked.Value : LongestPause : own;
    }
}
