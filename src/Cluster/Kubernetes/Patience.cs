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

    /// <summary>The pause before attempt <paramref name="attempt"/> (from 1), doubling from half a second up to five.</summary>
    public static TimeSpan Before(int attempt) => TimeSpan.FromSeconds(Math.Min(5, 0.25 * Math.Pow(2, Math.Min(attempt, 10))));
}
