namespace Stepper.Cluster.NodeShell;

/// <summary>So many at a time, first come, first served.</summary>
internal sealed class Slots(int count)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<TaskCompletionSource> _waiting = [];
    private int _free = count;

    public async Task<T> UseAsync<T>(Func<Task<T>> work, CancellationToken ct)
    {
        await TakeAsync(ct);
        try
        {
            return await work();
        }
        finally
        {
            GiveBack();
        }
    }

    private async Task TakeAsync(CancellationToken ct)
    {
        var turn = new TaskCompletionSource();
        lock (_lock)
        {
            if (_free > 0)
            {
                _free--;
                return;
            }

            _waiting.AddLast(turn);
        }

        using var stop = ct.UnsafeRegister(_ => turn.TrySetCanceled(ct), null);
        await turn.Task;
    }

    private void GiveBack()
    {
        while (true)
        {
            TaskCompletionSource? next;
            lock (_lock)
            {
                next = _waiting.First?.Value;
                if (next is null)
                {
                    _free++;
                    return;
                }

                _waiting.RemoveFirst();
            }

            // One that was cancelled while it waited leaves its turn to the one behind it.
            if (next.TrySetResult())
            {
                return;
            }
        }
    }
}
