using System.Buffers.Binary;
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
    private const int LengthAtEnd = 4;
    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan OneTry = TimeSpan.FromSeconds(60);

    private readonly TimedHttp _http = new(http, wait);

    /// <summary>Whether there is a repository of a minor.</summary>
    /// <param name="known">A minor that is known to have one.</param>
    public async Task<bool> ExistsAsync(MinorVersion line, MinorVersion known, CancellationToken ct)
    {
        var answer = await AskAsync(HttpMethod.Head, At(line, "Release"), ct);
        if (!IsMissing(answer))
        {
            return answer.IsGood ? true : throw answer.Refused();
        }

        // So does a proxy answer that lets nobody through, and a server that is no repository of ours at all: there the known one is missing too.
        var sure = await AskAsync(HttpMethod.Head, At(known, "Release"), ct);
        return sure.IsGood
            ? false
            : throw new SourceException($"{answer.Shown} answered {(int)answer.Code}, and so it is not out; but {sure.Shown}, which must be there, answered {(int)sure.Code} (setting repository, or a proxy in the way)");
    }

    /// <summary>The releases of kubeadm in the repository of a minor, oldest first, and at least one. Other packages in it carry other numbers.</summary>
    public async Task<IReadOnlyList<PackagedRelease>> ReleasesAsync(MinorVersion line, CancellationToken ct)
    {
        var answer = await AskAsync(HttpMethod.Get, At(line, "Packages"), ct);
        if (IsMissing(answer))
        {
            // Mirrors often keep only the packed one.
            answer = await AskAsync(HttpMethod.Get, At(line, "Packages.gz"), ct) is var packed && IsMissing(packed)
                ? throw new SourceException($"{answer.Refused().Message}; {packed.Shown} answered {(int)packed.Code}")
                : packed;
        }

        if (!answer.IsGood)
        {
            throw answer.Refused();
        }

        IReadOnlyList<PackagedRelease> ofLine = [.. DebianIndex.Releases(Text(answer), Package, answer.Shown).Where(release => release.Version.Line == line)];
        return ofLine.Count > 0 ? ofLine : throw new SourceException($"{answer.Shown} has no release of {Package} {line}, only of other minors");
    }

    /// <summary>When a release was put into the repository; null when the repository does not say.</summary>
    public async Task<DateTimeOffset?> PublishedAsync(PackagedRelease release, CancellationToken ct)
    {
        var answer = await AskAsync(HttpMethod.Head, At(release.Version.Line, release.File), ct);
        return answer.IsGood ? answer.LastModified : throw answer.Refused();
    }

    // pkgs.k8s.io answers 403 for what it does not have.
    private static bool IsMissing(HttpAnswer answer) => answer.Code is HttpStatusCode.NotFound or HttpStatusCode.Forbidden;

    private Uri At(MinorVersion line, string file) => new($"{address.AbsoluteUri.TrimEnd('/')}/v{line}/deb/{file}");

    private Task<HttpAnswer> AskAsync(HttpMethod method, Uri at, CancellationToken ct) =>
        wait.TryAsync(
            Tries,
            BetweenTries,
            async () => await FollowAsync(method, at, ct) is var answer && answer.MayPass ? throw answer.Refused() : answer,
            ct);

    private async Task<HttpAnswer> FollowAsync(HttpMethod method, Uri from, CancellationToken ct)
    {
        var (at, shown) = (from, $"{method} {Shown(from)}");
        for (var redirects = 0; redirects <= MostRedirects; redirects++)
        {
            using var request = new HttpRequestMessage(method, at);
            var answer = await _http.SendAsync(request, shown, OneTry, ct);
            if ((int)answer.Code is not (301 or 302 or 303 or 307 or 308))
            {
                return answer;
            }

            at = answer.Location is { } location && Uri.TryCreate(at, location, out var next) ? next : throw answer.IsNo("redirect: it does not say where to");
            shown = $"{method} {Shown(from)}, led to {Shown(at)},";
            if (at.Scheme != Uri.UriSchemeHttps && at.Scheme != (from.Scheme == Uri.UriSchemeHttps ? Uri.UriSchemeHttps : Uri.UriSchemeHttp))
            {
                throw new SourceException($"{method} {Shown(from)} leads from {from.Scheme} to {Shown(at)}");
            }
        }

        throw new SourceException($"{method} {Shown(from)} leads through more than {MostRedirects} redirects");
    }

    // A redirect may lead to an address that is signed: who knows what follows the path may fetch the file.
    private static string Shown(Uri address) => address.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);

    private static string Text(HttpAnswer answer)
    {
        // By its first bytes: a server may pack what was asked for unpacked, and the other way round.
        if (answer.Body is not [0x1f, 0x8b, _, _, ..])
        {
            return Encoding.UTF8.GetString(answer.Body);
        }

        try
        {
            return Encoding.UTF8.GetString(Unpacked(answer));
        }
        catch (InvalidDataException e)
        {
            throw new SourceException($"{answer.Shown} can't be unpacked: {e.Message}", e);
        }
    }

    private static byte[] Unpacked(HttpAnswer answer)
    {
        using var packed = new GZipStream(new MemoryStream(answer.Body), CompressionMode.Decompress);
        using var unpacked = new MemoryStream();
        var part = new byte[16 << 10];
        while (packed.Read(part) is var length and > 0)
        {
            unpacked.Write(part, 0, length);
            if (unpacked.Length > TimedHttp.MostBytes)
            {
                throw new SourceException($"{answer.Shown} unpacks to more than {TimedHttp.MostBytes >> 20} MiB");
            }
        }

        // What is cut short may end as if it were whole; a packed file ends with how long it was unpacked.
        return (uint)unpacked.Length == BinaryPrimitives.ReadUInt32LittleEndian(answer.Body.AsSpan()[^LengthAtEnd..])
            ? unpacked.ToArray()
            : throw new InvalidDataException("it is cut short");
    }
}
