using System.Globalization;
using Stepper.Cluster;

namespace Stepper.Bench;

/// <summary>Looks at a running process until it is gone: its memory and its processor time, by what the kernel says of it.</summary>
/// <remarks>Both only grow, so that what is missed is what the last hundredth of a second brought.</remarks>
internal sealed class MeasuredProcess
{
    private static readonly TimeSpan LooksEvery = TimeSpan.FromMilliseconds(10);

    // Of the kernel's clock, in which processor time is told.
    private const double TicksPerSecond = 100;

    private readonly int _id;

    private MeasuredProcess(int id) => _id = id;

    /// <summary>The most that was resident at a time, in MiB.</summary>
    public double PeakMemory { get; private set; }

    /// <summary>Of the process and of all that it started and waited for, in seconds.</summary>
    public double Cpu { get; private set; }

    /// <summary>The most that its own children, ssh, had at a time beside it and shared with nobody, in MiB.</summary>
    public double PeakOfChildren { get; private set; }

    /// <summary>Looks until it has ended.</summary>
    public static async Task<MeasuredProcess> UntilItEndsAsync(int id)
    {
        var measured = new MeasuredProcess(id);
        var looks = 0;
        while (measured.Look(withChildren: looks++ % 20 == 0))
        {
            await new Wait(TimeProvider.System).ForAsync(LooksEvery, CancellationToken.None);
        }

        return measured;
    }

    private bool Look(bool withChildren)
    {
        try
        {
            PeakMemory = Math.Max(PeakMemory, Field($"/proc/{_id}/status", "VmHWM:") / 1024);
            // After the name, which may hold anything but ends with the last bracket: utime, stime, cutime and cstime are the 14th to the 17th.
            var stat = File.ReadAllText($"/proc/{_id}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            Cpu = fields[11..15].Sum(ticks => double.Parse(ticks, CultureInfo.InvariantCulture)) / TicksPerSecond;
            if (withChildren)
            {
                PeakOfChildren = Math.Max(PeakOfChildren, Children().Sum(child => Field($"/proc/{child}/smaps_rollup", "Private_Dirty:") / 1024));
            }

            return fields[0] is not "Z";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    // In a container all others have come from its first process.
    private List<string> Children()
    {
        List<string> found = [];
        var left = new Queue<string>([$"{_id}"]);
        while (left.TryDequeue(out var parent))
        {
            foreach (var task in Directory.GetDirectories($"/proc/{parent}/task"))
            {
                foreach (var child in ReadOrNothing(Path.Combine(task, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries))
                {
                    found.Add(child);
                    left.Enqueue(child);
                }
            }
        }

        return found;
    }

    private static double Field(string file, string name) =>
        ReadOrNothing(file).Split('\n').FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal)) is { } line
            ? double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture)
            : 0;

    private static string ReadOrNothing(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (IOException)
        {
            return "";
        }
    }
}
