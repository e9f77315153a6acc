using Stepper.Cluster;
using Stepper.Simulation.Controllers;

namespace Stepper.Simulation.Processes;

/// <summary>
/// Where one process' calls cross into the simulated world: each takes a little time on its way and back, is written into the journal, and may be where the
/// process is killed. Its continuation always starts from the clock's queue, never from inside what the world does.
/// </summary>
internal sealed class Seams(ControlPlane plane, Journal journal, Func<SeamCall, Moment, bool> kills, SimulatedProcess process)
{
    private readonly Wait _wait = new(plane.Time);

    public SimulatedProcess Process => process;

    /// <param name="latency">Longest, each way.</param>
    /// <param name="work">What happens in the world.</param>
    /// <param name="outcome">What the journal says of it.</param>
    public async Task<T> CallAsync<T>(string seam, string what, TimeSpan latency, Func<Task<T>> work, Func<T, string> outcome, CancellationToken ct)
    {
        var call = journal.Begin(plane.Now, process.Pod, seam, what);
        await KillIfAskedAsync(call, Moment.Before);
        T result;
        try
        {
            await HopAsync(latency, ct);
            result = await work();
            journal.End(call, plane.Now, outcome(result));
        }
        catch (Exception e)
        {
            if (process.IsOver)
            {
                await SimulatedProcess.NeverAsync<T>();
            }

            // What it was told is the process' own business; that it was told is the journal's.
            journal.End(call, plane.Now, e is OperationCanceledException ? "given up" : e.Message);
            await KillIfAskedAsync(call, Moment.AfterItTookEffect);
            throw;
        }

        await KillIfAskedAsync(call, Moment.AfterItTookEffect);
        await HopAsync(latency, ct);
        return result;
    }

    /// <summary>Lets the time on the way pass; a process that is over meanwhile does not arrive.</summary>
    public async Task HopAsync(TimeSpan latency, CancellationToken ct)
    {
        try
        {
            await _wait.ForAsync(latency * (0.5 + (plane.Chance.NextDouble() / 2)), ct);
        }
        finally
        {
            if (process.IsOver)
            {
                await SimulatedProcess.NeverAsync<int>();
            }
        }
    }

    private async Task KillIfAskedAsync(SeamCall call, Moment moment)
    {
        if (process.IsOver || kills(call, moment))
        {
            process.Kill();
            await SimulatedProcess.NeverAsync<int>();
        }
    }
}
