namespace Stepper.Simulation.Processes;

/// <summary>One call of a pod's process across a seam.</summary>
/// <param name="Index">Counts the calls of a run, from 0: the same in each run up to the first difference.</param>
/// <param name="Pod">The pod's name.</param>
/// <param name="Seam"><c>api</c>, <c>ssh</c>, <c>prometheus</c>, <c>alertmanager</c>, <c>pushgateway</c>, <c>packages</c>, <c>slack</c> or <c>http</c>.</param>
/// <param name="What">Verb and path, or the action and the node.</param>
public sealed record SeamCall(int Index, DateTimeOffset Time, string Pod, string Seam, string What);

/// <summary>Where in a call its process may be killed.</summary>
public enum Moment
{
    Before,

    /// <summary>It has happened, or has failed, and the answer has not come.</summary>
    AfterItTookEffect,
}
