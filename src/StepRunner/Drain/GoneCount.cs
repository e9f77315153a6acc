namespace Stepper.StepRunner.Drain;

/// <summary>Tells how many pods are gone, each time ten more are: one call at a time, and what it tells of does not wait for it.</summary>
internal sealed class GoneCount(Func<int, Task>? tell)
{
    private const int Each = 10;

    private int _told;

    /// <summary>The call that is under way, or the last one.</summary>
    public Task Telling { get; private set; } = Task.CompletedTask;

    public async Task ReachAsync(int gone)
    {
        if (tell is not null && gone / Each > _told / Each && Telling.IsCompleted)
        {
            await Telling;
            _told = gone;
            Telling = tell(gone);
        }
    }

    /// <summary>Waits until all has been told.</summary>
    public async Task EndAsync(int gone)
    {
        await Telling;
        await ReachAsync(gone);
        await Telling;
    }
}
