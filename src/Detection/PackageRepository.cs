using System.IO.Compression;
using System.Net;
using System.Text;
using Stepper.Cluster;
using Stepper.Cluster.Versions;

namespace Stepper.Detection;

/// <summary>
/// The package repository of Kubernetes, or a mirror: one folder for each minor. An answer that can't be understood is a <see cref="SourceException"/>
/// that names the address; it never reads as "nothing there".
/// </summary>
/// <param name="address">Such as <c>https://pkgs.k8s.io/core:/stable:</c>.</param>
public sealed class PackageRepository(HttpClient http, Uri address, Wait wait)
{
    private const string Package = "kubeadm";
    private const int MostRedirects = 5;
    private const int Tries = 3;
    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan OneTry = TimeSpan.FromSeconds(60);

    private readonly TimedHttp _http = new(http, wait);

    /// <summary>Whether there is a repository of a minor.</summary>
    /// <param name="known">A minor that is known to have one.</param>
    public async Task<bool> ExistsAsync(MinorVersion line, MinorVersion known, CancellationToken ct)
    {
        var answer = await AskAsync(HttpMethod.Head, At(line, "Release"), ct);
        return answer.Code switch
        {
            HttpStatusCode.NotFound => false,
            // pkgs.k8s.io answers 403 for what it does not have. So does a proxy that lets nobody through: then the known one is not found either.
            HttpStatusCode.Forbidden when (await AskAsync(HttpMethod.Head, At(known, "Release"), ct)).IsGood => false,
            _ => answer.IsGood ? true : throw answer.Refused(),
        };
    }

    /// <summary>The releases of kubeadm in the repository of a minor, oldest first. Other packages in it carry other numbers.</summary>
    public async Task<IReadOnlyList<PackagedRelease>> ReleasesAsync(MinorVersion line, CancellationToken ct)
    {
        var answer = await AskAsync(HttpMethod.Get, At(line, "Packages"), ct);
        if (answer.Code == HttpStatusCode.NotFound)
        {
            // Mirrors often keep only the packed one.
            answer = await AskAsync(HttpMethod.Get, At(line, "Packages.gz"), ct);
        }

        if (!answer.IsGood)
        {
            throw answer.Refused();
        }

        return [.. DebianIndex.Releases(Text(answer), Package, answer.Shown).Where(release => release.Version.Line == line)];
    }

    /// <summary>When a release was put into the repository; null when the repository does not say.</summary>
    public async Task<DateTimeOffset?> PublishedAsync(PackagedRelease release, CancellationToken ct)
    {
        var answer = await AskAsync(HttpMethod.Head, At(release.Version.Line, release.File), ct);
        return answer.IsGood ? answer.LastModified : throw answer.Refused();
    }

    private Uri At(MinorVersion line, string file) => new($"{address.AbsoluteUri.TrimEnd('/')}/v{line}/deb/{file}");

    private Task<HttpAnswer> AskAsync(HttpMethod method, Uri at, CancellationToken ct) =>
        wait.TryAsync(
            Tries,
            BetweenTries,
            async () => await FollowAsync(method, at, ct) is var answer && (int)answer.Code >= 500 ? throw answer.Refused() : answer,
            ct);

    private async Task<HttpAnswer> FollowAsync(HttpMethod method, Uri at, CancellationToken ct)
    {
        var from = at;
        for (var redirects = 0; redirects <= MostRedirects; redirects++)
        {
            using var request = new HttpRequestMessage(method, at);
            var answer = await _http.SendAsync(request, $"{method} {at.AbsoluteUri}", OneTry, ct);
            if ((int)answer.Code is not (301 or 302 or 303 or 307 or 308))
            {
                return answer;
            }

            var next = answer.Location is { } location ? new Uri(at, location) : throw answer.IsNo("redirect: it does not say where to");
            at = from.Scheme == Uri.UriSchemeHttps && next.Scheme != Uri.UriSchemeHttps
                ? throw new SourceException($"{answer.Shown} leads from https to {next.AbsoluteUri}")
                : next;
        }

        throw new SourceException($"{method} {from.AbsoluteUri} leads through more than {MostRedirects} redirects");
    }

    private static string Text(HttpAnswer answer)
    {
        // By its first bytes: a server may pack what was asked for unpacked, and the other way round.
        if (answer.Body is not [0x1f, 0x8b, ..])
        {
            return Encoding.UTF8.GetString(answer.Body);
        }

        try
        {
            using var unpacked = new StreamReader(new GZipStream(new MemoryStream(answer.Body), CompressionMode.Decompress), Encoding.UTF8);
            return unpacked.ReadToEnd();
        }
        catch (InvalidDataException e)
        {
            throw new SourceException($"{answer.Shown} can't be unpacked: {e.Message}", e);
        }
    }
}
