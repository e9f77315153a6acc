using System.Security.Cryptography;
using System.Text;

namespace Stepper.Simulation.Processes;

/// <summary>What the processes of a run did across their seams, in order. The same run has the same text.</summary>
public sealed class Journal
{
    private readonly List<JournalEntry> _entries = [];

    public IReadOnlyList<JournalEntry> Entries => _entries;

    /// <summary>How many calls have been begun.</summary>
    public int Calls { get; private set; }

    /// <summary>A line for each call.</summary>
    public string Text
    {
        get
        {
            var text = new StringBuilder();
            foreach (var entry in _entries)
            {
                text.Append(entry).Append('\n');
            }

            return text.ToString();
        }
    }

    /// <summary>Of the text, in hexadecimal.</summary>
    public string Hash => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Text)));

    internal SeamCall Begin(DateTimeOffset now, string pod, string seam, string what) => new(Calls++, now, pod, seam, what);

    internal void End(SeamCall call, DateTimeOffset now, string outcome) => _entries.Add(new JournalEntry(call, now, outcome));
}

/// <param name="Time">When it took effect.</param>
/// <param name="Outcome">The status code, <c>ok</c>, or what went wrong.</param>
public sealed record JournalEntry(SeamCall Call, DateTimeOffset Time, string Outcome)
{
    public override string ToString() =>
        $"{Time:yyyy-MM-dd HH:mm:ss.fff} {Call.Pod} {Call.Seam} {Call.What} -> {Outcome}";
}
