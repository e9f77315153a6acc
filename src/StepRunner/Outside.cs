using Stepper.Cluster.NodeShell;
using Stepper.StepRunner.Settings;

namespace Stepper.StepRunner;

/// <summary>What stepper touches outside the process: three seams. A rehearsal and a test bring their own three.</summary>
/// <param name="Network">Every network call; it authenticates those to the API server.</param>
/// <param name="ApiServer">The API server's address.</param>
/// <param name="Shell">Every touch of a node.</param>
/// <param name="Time">Every clock and every wait.</param>
internal sealed record Outside(HttpMessageHandler Network, Uri ApiServer, INodeShell Shell, TimeProvider Time);

/// <summary>What the process was given at its start.</summary>
/// <param name="ReadFile">The text of a file; null where there is none.</param>
/// <param name="Open">Makes the seams, once the settings are known.</param>
internal sealed record ProcessInput(
    IReadOnlyList<string> Arguments,
    IReadOnlyDictionary<string, string> Environment,
    Func<string, string?> ReadFile,
    TextWriter Output,
    TextWriter Error,
    Func<StepperSettings, Outside> Open);
