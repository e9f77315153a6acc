using System.Text;
using Stepper.Cluster.NodeShell;

namespace Stepper.Simulation.Nodes;

/// <summary>One run of the node script on a simulated node: the log and the end that its files on the node hold.</summary>
public sealed class NodeScriptRun
{
    private readonly StringBuilder _log = new();
    private List<TaskCompletionSource> _waiting = [];

    internal NodeScriptRun(string id, NodeScript script, DateTimeOffset started)
    {
        Id = id;
        Script = script;
        Started = started;
    }

    public string Id { get; }

    /// <summary>What was asked of it.</summary>
    public NodeScript Script { get; }

    public DateTimeOffset Started { get; }

    public ScriptState State { get; private set; } = ScriptState.Running;

    public int? ExitCode { get; private set; }

    public string Log => _log.ToString();

    /// <summary>The stage that it is in; empty before the first.</summary>
    public string Stage { get; internal set; } = "";

    internal ScriptRun Seen => new(Id, Script.Release, State, ExitCode);

    internal int Length => _log.Length;

    internal void Say(string line)
    {
        _log.Append(line).Append('\n');
        Wake();
    }

    internal void SayAll(string text)
    {
        _log.Append(text);
        Wake();
    }

    internal void End(ScriptState state, int? exitCode)
    {
        State = state;
        ExitCode = exitCode;
        Wake();
    }

    /// <summary>Ends at the next line, or at the run's end.</summary>
    internal Task NextAsync()
    {
        var next = new TaskCompletionSource();
        _waiting.Add(next);
        return next.Task;
    }

    private void Wake()
    {
        var waiting = _waiting;
        _waiting = [];
        foreach (var one in waiting)
        {
            one.TrySetResult();
        }
    }
}
