namespace Stepper.Simulation.Api;

/// <summary>Who asks, after authentication.</summary>
public sealed record ApiUser(string Name, params IReadOnlyList<string> Groups)
{
    /// <summary>May do everything.</summary>
    public static ApiUser Admin { get; } = new("kubernetes-admin", "system:masters", "system:authenticated");

    /// <summary>A request without a token: may ask for the health and the version only.</summary>
    public static ApiUser Anonymous { get; } = new("system:anonymous", "system:unauthenticated");

    public bool IsMaster => Groups.Contains("system:masters", StringComparer.Ordinal);

    /// <summary>A person, or a service account by its full name.</summary>
    public static ApiUser Named(string name) =>
        name.Split(':') is ["system", "serviceaccount", var ns, var account] ? ServiceAccount(ns, account) : new(name, "system:authenticated");

    public static ApiUser ServiceAccount(string ns, string name) =>
        new($"system:serviceaccount:{ns}:{name}", "system:serviceaccounts", $"system:serviceaccounts:{ns}", "system:authenticated");
}
