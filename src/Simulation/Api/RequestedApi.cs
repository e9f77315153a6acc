namespace Stepper.Simulation.Api;

/// <summary>A deprecated API version that somebody asks the API server for.</summary>
/// <param name="Group">Empty for the core group.</param>
/// <param name="RemovedRelease">The minor that does not serve it any more; empty where none is named.</param>
/// <param name="LastAsked">Null: all the time.</param>
public sealed record RequestedApi(string Group, string Version, string Resource, string RemovedRelease, DateTimeOffset? LastAsked = null)
{
    internal IEnumerable<(string Name, string Value)> Labels => [("group", Group), ("version", Version), ("resource", Resource)];
}
