using System.Globalization;

namespace Stepper.Cluster.Kubernetes;

/// <summary>
/// Sends requests with patience: a server that does not answer is asked again, that is said, and has an end (<see cref="Patience"/>). Safe for every request that
/// is safe to ask twice, which all of <see cref="KubeApi"/> are.
/// </summary>
internal sealed class KubeSender(HttpClient http, Wait wait, Action<string> say)
{
    private readonly Lock _lock = new();
    private DateTimeOffset _awayAt;
    private DateTimeOffset _saidAt;

    /// <summary>One answer, whole.</summary>
    /// <param name="read">Makes of it what is wanted, of which nothing is left afterwards; may throw <see cref="NotAnsweredException"/>.</param>
    /// <exception cref="SourceException">The server was away for too long, or is not the one that was meant; besides what <paramref name="read"/> throws.</exception>
    public Task<T> SendAsync<T>(KubeRequest request, Func<KubeAnswer, T> read, CancellationToken ct) => TryAsync(
        request,
        async (isRepeat, limit) =>
        {
            using var message = request.Message();
            using var response = await http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, limit);
            using var body = await PooledBody.ReadAsync(response.Content, limit);
            return read(Answer(request, response, body, isRepeat));
        },
        ct);

    /// <summary>An answer that goes on for as long as it is read. The caller disposes it.</summary>
    /// <exception cref="KubeRefusedException">The server does not want to.</exception>
    public Task<HttpResponseMessage> OpenAsync(KubeRequest request, CancellationToken ct) => TryAsync(
        request,
        async (isRepeat, limit) =>
        {
            using var message = request.Message();
            var response = await http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, limit);
            if (response.IsSuccessStatusCode)
            {
                return response;
            }

            using (response)
            {
                using var body = await PooledBody.ReadAsync(response.Content, limit);
                throw Answer(request, response, body, isRepeat).Refused();
            }
        },
        ct);

    private KubeAnswer Answer(KubeRequest request, HttpResponseMessage response, PooledBody body, bool isRepeat)
    {
        var after = response.Headers.RetryAfter is { } header ? header.Delta ?? (header.Date - wait.Now) : null;
        var answer = new KubeAnswer(request, response.StatusCode, after, body.Bytes, isRepeat) { Date = response.Headers.Date };
        answer.MustCount(IsJustBack());
        return answer;
    }

    private async Task<T> TryAsync<T>(KubeRequest request, Func<bool, CancellationToken, Task<T>> once, CancellationToken ct)
    {
        var since = wait.Now;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                using var limit = new CancellationTokenSource(Patience.OneAttempt, wait.Time);
                using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
                var result = await once(attempt > 1, both.Token);
                if (attempt > 1)
                {
                    SayBack(since);
                }

                return result;
            }
            catch (HttpRequestException e) when (e.GetBaseException() is ServerCertificateException other)
            {
                throw new SourceException($"{request}: {other.Message}", e);
            }
            catch (Exception e) when (NotAnsweredException.From(e, ct) is { } away)
            {
                MustGoOn(request, away, since);
                var pause = Patience.After(attempt, away.After);
                SayAway(request, away, since, pause);
                await wait.ForAsync(pause, ct);
            }
        }
    }

    private void MustGoOn(KubeRequest request, NotAnsweredException away, DateTimeOffset since)
    {
        var length = wait.Now - since;
        if (length >= Patience.AtMost)
        {
            throw new SourceException($"{request}: the API server has not answered for {length.TotalMinutes:0} min: {away.Message}", away);
        }
    }

    // Once for all requests that wait for the same server.
    private void SayAway(KubeRequest request, NotAnsweredException away, DateTimeOffset since, TimeSpan pause)
    {
        var length = wait.Now - since;
        lock (_lock)
        {
            _awayAt = away.IsOutage ? wait.Now : _awayAt;
            if ((length < Patience.SaidAfter && pause <= Patience.SaidAfter) || wait.Now - _saidAt < Patience.SaidEvery)
            {
                return;
            }

            _saidAt = wait.Now;
        }

        say($"the API server has not answered {request} for {Seconds(length)} s ({away.Message}); asked again for up to {Patience.AtMost.TotalMinutes:0} min");
    }

    private void SayBack(DateTimeOffset since)
    {
        lock (_lock)
        {
            if (_saidAt < since)
            {
                return;
            }

            _saidAt = default;
        }

        say($"the API server answers again after {Seconds(wait.Now - since)} s");
    }

    private bool IsJustBack()
    {
        lock (_lock)
        {
            return wait.Now - _awayAt < Patience.SettlesWithin;
        }
    }

    private static string Seconds(TimeSpan length) => length.TotalSeconds.ToString("0", CultureInfo.InvariantCulture);
}
