using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Stepper.Cluster.Monitoring;

/// <summary>
/// A service that is asked a few times and fails closed: what is no whole answer of it is, in the end, a <see cref="SourceException"/> that names it and says why.
/// </summary>
/// <param name="name">The service's own name, for a person.</param>
internal sealed class PatientService(HttpClient http, Uri address, string name, Wait wait)
{
    private const int Tries = 3;
    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan OneTry = TimeSpan.FromSeconds(10);

    private readonly TimedHttp _http = new(http, wait);
    private readonly ServiceAddress _address = new(address);

    /// <summary>Its address as it may be shown.</summary>
    public string Shown => _address.Shown;

    /// <summary>Does what may take several requests, and all of it again when one of them fails.</summary>
    public async Task<T> PatientlyAsync<T>(Func<Task<T>> ask, CancellationToken ct)
    {
        try
        {
            return await wait.TryAsync(Tries, BetweenTries, ask, ct);
        }
        catch (SourceException e)
        {
            throw new SourceException($"{name} at {Shown} did not answer, asked {Tries} times: {e.Message}", e);
        }
    }

    /// <summary>Asks once. Whether there is all in it that must be there is the caller's to look at.</summary>
    /// <param name="path">Begins with a slash; its query is not shown.</param>
    /// <param name="wanted">What the answer is to be, for an error's text.</param>
    /// <returns>What was read of the answer, null where it says so, and the answer itself.</returns>
    public async Task<(T? Read, HttpAnswer Answer)> GetAsync<T>(string path, JsonTypeInfo<T> json, string wanted, CancellationToken ct)
        where T : class
    {
        using var request = _address.Request(HttpMethod.Get, path);
        var answer = await _http.SendAsync(request, path.Split('?')[0], OneTry, ct);
        try
        {
            return answer.IsGood ? (JsonSerializer.Deserialize(answer.Body, json), answer) : throw answer.Refused();
        }
        catch (JsonException e)
        {
            throw answer.IsNo(wanted, e);
        }
    }
}
