using System.Text;

namespace Stepper.Simulation.Nodes;

/// <summary>A container's standard output.</summary>
internal sealed class LogWriter(Action<string> append) : TextWriter
{
    public override Encoding Encoding => Encoding.UTF8;

    public override void Write(char value) => append(value.ToString());

    public override void Write(string? value) => append(value ?? "");

    public override void Write(char[] buffer, int index, int count) => append(new string(buffer, index, count));

    public override void WriteLine(string? value) => append(value + "\n");

    public override Task WriteAsync(string? value)
    {
        append(value ?? "");
        return Task.CompletedTask;
    }

    public override Task WriteLineAsync(string? value)
    {
        append(value + "\n");
        return Task.CompletedTask;
    }

    // The same line end in each place where a simulation runs.
    public override string NewLine => "\n";
}
