using System.Net;

namespace Stepper.Simulation.Api;

/// <summary>What a test lets go wrong with the API server.</summary>
public sealed class ApiFaults
{
    private readonly List<Func<ApiCall, ApiRefusal?>> _rules = [];
    private readonly Action<Func<ResourceKind, bool>> _closeWatches;
    private readonly Action _forgetHistory;

    internal ApiFaults(Action<Func<ResourceKind, bool>> closeWatches, Action forgetHistory)
    {
        _closeWatches = closeWatches;
        _forgetHistory = forgetHistory;
    }

    /// <summary>The server is down: connections are refused. What is open stays open until <see cref="CloseWatches"/>.</summary>
    public bool IsDown { get; set; }

    /// <summary>Closes the connections of the watches of a kind; null: of all kinds.</summary>
    public void CloseWatches(ResourceKind? kind = null) => _closeWatches(each => kind is null || kind == each);

    /// <summary>Forgets old versions, so that watches and continuations from before are answered 410, as after a compaction or a restart.</summary>
    public void ForgetHistory() => _forgetHistory();

    /// <summary>Lets a rule look at each request before it is answered (its code is still 0); what the rule gives back is the answer.</summary>
    /// <returns>Takes the rule away again.</returns>
    public IDisposable Answer(Func<ApiCall, ApiRefusal?> rule)
    {
        _rules.Add(rule);
        return new Ending(() => _rules.Remove(rule));
    }

    /// <summary>Answers the requests that match with a status, so many times.</summary>
    public void Answer(Func<ApiCall, bool> which, HttpStatusCode code, string reason, string message, int times = 1)
    {
        var left = times;
        Answer(call => left > 0 && which(call) && left-- > 0 ? new ApiRefusal(code, reason, message) : null);
    }

    internal void Strike(ApiCall call)
    {
        if (IsDown)
        {
            throw Refused();
        }

        foreach (var rule in _rules)
        {
            if (rule(call) is { } refusal)
            {
                throw refusal;
            }
        }
    }

    private static HttpRequestException Refused() => new(HttpRequestError.ConnectionError, "Connection refused");

    private sealed class Ending(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
