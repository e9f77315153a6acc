using System.Collections;
using System.Runtime.InteropServices;
using Stepper.StepRunner;
using Stepper.StepRunner.Commands;

// The only place that reads the environment, and that takes signals.
using var stop = new CancellationTokenSource();
using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);

#pragma warning disable RS0030 // Here, once.
var environment = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(pair => (string)pair.Key, pair => (string?)pair.Value ?? "", StringComparer.Ordinal);
#pragma warning restore RS0030

await using var world = new RealWorld(environment);
return await Cli.RunAsync(
    new ProcessInput(args, environment, path => File.Exists(path) ? File.ReadAllText(path) : null, Console.Out, Console.Error, world.Open), stop.Token);

void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stop.Cancel();
}
