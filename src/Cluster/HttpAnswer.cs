using System.Net;
using System.Text;

namespace Stepper.Cluster;

/// <summary>What a service outside answered.</summary>
/// <param name="Shown">What was asked, for an error's text.</param>
/// <param name="Location">Where a redirect leads to.</param>
/// <param name="LastModified">Null where the answer does not say.</param>
public sealed record HttpAnswer(string Shown, HttpStatusCode Code, Uri? Location, DateTimeOffset? LastModified, byte[] Body)
{
    private const int StartLength = 200;

    /// <summary>The answerer's own clock; null where it does not say.</summary>
    public DateTimeOffset? Date { get; init; }

    /// <summary>How long it asks to be left alone; null where it does not say.</summary>
    public TimeSpan? RetryAfter { get; init; }

    public bool IsGood => (int)Code is >= 200 and < 300;

    /// <summary>Asking again may help: it is overloaded, or what it stands before is away.</summary>
    public bool MayPass => Code is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout || (int)Code >= 500;

    /// <summary>A page for people, such as a proxy's sign-in: whatever its status, nobody has understood what was asked.</summary>
    public bool IsPage => Body.AsSpan().TrimStart(" \t\r\n"u8) is [(byte)'<', ..];

    /// <summary>The beginning of the answer on one line, as it is shown in an error.</summary>
    public string Start
    {
        get
        {
            var text = string.Join(' ', Encoding.UTF8.GetString(Body.AsSpan(0, Math.Min(Body.Length, 8 * StartLength))).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
            return text.Length <= StartLength ? text : text[..StartLength] + "…";
        }
    }

    public SourceException Refused() => new($"{Shown} answered {(int)Code}{(Location is null ? "" : $", a redirect to {Place(Location)}")}: {Start}");

    public SourceException IsNo(string wanted, Exception? cause = null) => new($"{Shown} answered {(int)Code} with what is no {wanted}: {Start}", cause);

    // What follows the path may be a token.
    private static string Place(Uri location) => location.OriginalString.Split('?', '#')[0] is var place && location.IsAbsoluteUri && location.UserInfo.Length > 0
        ? place.Replace(location.UserInfo + "@", "", StringComparison.Ordinal)
        : place;
}
