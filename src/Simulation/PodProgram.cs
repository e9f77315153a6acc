using Stepper.Cluster.NodeShell;

namespace Stepper.Simulation;

/// <summary>What really runs in a simulated pod whose image it stands for. Gives back the container's exit code.</summary>
public delegate Task<int> PodProgram(PodProcess process);

/// <summary>
/// A process in a simulated pod, as it sees the world. Its three seams end with it: after a kill a call that is under way never comes back and no timer
/// fires any more, as for a process that is not there.
/// </summary>
public sealed record PodProcess
{
    /// <summary>The pod's name.</summary>
    public required string Name { get; init; }

    /// <summary>Where the pod runs.</summary>
    public required string Node { get; init; }

    /// <summary><c>args</c> of the container.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary><c>env</c> of the container, the downward API's fields filled in.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>Reads a file under one of the container's mounts (ConfigMaps, Secrets); null where there is none.</summary>
    public required Func<string, string?> ReadFile { get; init; }

    /// <summary>The files under the container's mounts, by path, as they are now: for a program that needs them as files.</summary>
    public required Func<IReadOnlyDictionary<string, string>> Files { get; init; }

    public required HttpMessageHandler Network { get; init; }

    public required INodeShell Shell { get; init; }

    public required TimeProvider Time { get; init; }

    /// <summary>Standard output: the container's log.</summary>
    public required TextWriter Output { get; init; }

    /// <summary>Cancelled at SIGTERM.</summary>
    public required CancellationToken Terminated { get; init; }
}
