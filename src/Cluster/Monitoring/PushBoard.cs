namespace Stepper.Cluster.Monitoring;

/// <summary>
/// What this process has to say to Pushgateway. A push brings all that was said of its group, so that what was lost, by a failed push or by a Pushgateway that
/// restarted empty, comes with the next one. Pushing never fails and never holds its caller for long: where Pushgateway is away, it is left alone for a while.
/// </summary>
public sealed class PushBoard(Pushgateway pushgateway, Wait wait, Action<string> say)
{
    private const int Tries = 3;
    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LeftAloneFor = TimeSpan.FromMinutes(1);

    // Milestones are reached by many evictions at a time.
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Page> _pages = new(StringComparer.Ordinal);
    private DateTimeOffset _leftAloneUntil = DateTimeOffset.MinValue;

    /// <summary>Replaces the whole group.</summary>
    public Task PutAsync(PushGroup group, IReadOnlyList<MetricValue> values, CancellationToken ct)
    {
        lock (_lock)
        {
            _pages[group.Path] = new Page(group) { Replaces = true, Values = values };
        }

        return SendAsync(ct);
    }

    /// <summary>Replaces, in the group, every series of these metrics' names.</summary>
    public Task PostAsync(PushGroup group, IReadOnlyList<MetricValue> values, CancellationToken ct)
    {
        lock (_lock)
        {
            // A group that is still to be deleted or replaced is replaced by what is new.
            var page = _pages.GetValueOrDefault(group.Path) ?? new Page(group);
            var stays = page.Values.Where(value => !values.Any(other => other.Metric == value.Metric));
            _pages[group.Path] = new Page(group) { Replaces = page is { Replaces: true, IsSent: false }, Values = [.. stays, .. values] };
        }

        return SendAsync(ct);
    }

    public Task DeleteAsync(IEnumerable<PushGroup> groups, CancellationToken ct)
    {
        lock (_lock)
        {
            foreach (var group in groups)
            {
                _pages[group.Path] = new Page(group) { Replaces = true };
            }
        }

        return SendAsync(ct);
    }

    /// <summary>At the end of the process: what could not be sent is tried once more.</summary>
    public Task FinishAsync(CancellationToken ct)
    {
        _leftAloneUntil = DateTimeOffset.MinValue;
        return SendAsync(ct);
    }

    private async Task SendAsync(CancellationToken ct)
    {
        if (wait.Now < _leftAloneUntil)
        {
            return;
        }

        try
        {
            foreach (var page in Unsent())
            {
                if (await wait.TryAsync(Tries, BetweenTries, () => SendAsync(page, ct), ct) is { } refusal)
                {
                    say($"warning: {refusal}");
                }

                page.IsSent = true;
            }
        }
        catch (SourceException e)
        {
            _leftAloneUntil = wait.Now + LeftAloneFor;
            say($"warning: {e.Message}; what is to be pushed is kept, and tried again after {LeftAloneFor.TotalSeconds:0} s");
        }
    }

    private List<Page> Unsent()
    {
        lock (_lock)
        {
            return [.. _pages.Values.Where(page => !page.IsSent)];
        }
    }

    private Task<string?> SendAsync(Page page, CancellationToken ct) => page switch
    {
        { Replaces: false } => pushgateway.PostAsync(page.Group, page.Values, ct),
        { Values.Count: 0 } => pushgateway.DeleteAsync(page.Group, ct),
        _ => pushgateway.PutAsync(page.Group, page.Values, ct),
    };

    /// <summary>A group, as it is to be.</summary>
    private sealed class Page(PushGroup group)
    {
        public PushGroup Group => group;

        /// <summary>Not only the metrics of these values: whatever else is in the group goes.</summary>
        public bool Replaces { get; init; }

        public IReadOnlyList<MetricValue> Values { get; init; } = [];

        public bool IsSent { get; set; }
    }
}
