using System.Globalization;
using Stepper.Cluster;

namespace Stepper.StepRunner;

/// <summary>What a step tells while it works: one line an event, with the time, on its standard output.</summary>
internal sealed class StepLog(TextWriter output, Wait wait)
{
    public void Say(string line) => output.WriteLine($"{wait.Now.UtcDateTime.ToString("HH:mm:ss", CultureInfo.InvariantCulture)} {line}");
}
