namespace Stepper.Simulation.Api;

/// <summary>A request that was made, in the words of RBAC, and what it was answered.</summary>
/// <param name="Group">Empty for the core group, and for an address that is no object's.</param>
/// <param name="Resource">The plural; for an address that is no object's the path.</param>
/// <param name="Subresource">Empty for the object itself.</param>
/// <param name="Namespace">Empty for all of them, or for a kind that has none.</param>
/// <param name="Name">Empty for a list or a creation.</param>
/// <param name="Code">0 when there was no answer.</param>
public sealed record ApiCall(string Verb, string Group, string Resource, string Subresource, string Namespace, string Name, string User, int Code);
