using Stepper.StepRunner.Gates;

namespace Stepper.StepRunner;

/// <summary>How a step ended that did not abort.</summary>
/// <param name="Line">What came of it, as one line for a person.</param>
internal sealed record StepEnd(EndKind Kind, string Line)
{
    /// <summary>The step's work is done, or was done before; the chain goes on.</summary>
    public static StepEnd Done(string line) => new(EndKind.Done, line);

    /// <summary>A decision not to go on, which is no failure: nothing is spawned.</summary>
    public static StepEnd Refused(string line) => new(EndKind.Refused, line);

    /// <summary>The step's work is done, and the chain waits for its window before the next one.</summary>
    public static StepEnd Parked(string line) => new(EndKind.Parked, line);
}

/// <summary>As the annotation <c>k8s-upgrade-outcome</c> of the Job has it.</summary>
internal enum EndKind
{
    Done,
    Refused,
    Parked,
}

/// <summary>
/// A step can't go on. Caught in one place, <see cref="StepHost"/>, which makes of it exit code 1 and one message.
/// </summary>
/// <param name="message">What happened, and what state it left.</param>
internal sealed class AbortException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What happened as a sentence; a list ends as its last item does.</summary>
    public static string Sentence(string message) => message.Contains('\n', StringComparison.Ordinal) || message.EndsWith('?') ? message : message.TrimEnd('.') + ".";
}

/// <summary>The step was told to stop while it had something in its hands.</summary>
/// <param name="state">In what state that is left.</param>
internal sealed class StoppedException(string state, Exception inner) : OperationCanceledException(state, inner);

/// <summary>The step was called or set up wrongly; no retry helps. Exit code 2.</summary>
/// <param name="problems">All of them at once, each with what is right.</param>
internal sealed class UsageException(params IReadOnlyList<string> problems) : Exception(string.Join(Environment.NewLine, problems))
{
    public IReadOnlyList<string> Problems => problems;
}

internal static class ExitCode
{
    public const int DoneOrRefused = 0;

    public const int Aborted = 1;

    public const int WrongUse = 2;

    /// <summary>Of <c>plan</c> and <c>gate</c>: what is in the way passes by itself, or was decided by the operator.</summary>
    public const int Held = 3;

    /// <summary>Of <c>plan</c> and <c>gate</c>: somebody must act.</summary>
    public const int Blocked = 4;

    /// <summary>What a verb ends with that only asks.</summary>
    public static int Of(Readiness readiness) => readiness switch
    {
        Readiness.Ready => DoneOrRefused,
        Readiness.Held => Held,
        _ => Blocked,
    };

    /// <summary>128 and the number of SIGTERM, as a shell counts it.</summary>
    public const int Terminated = 143;
}
