using System.Globalization;
using System.Net;

namespace Stepper.Simulation.Api;

/// <summary>What a list may ask for in its address.</summary>
internal static class ListQuery
{
    /// <param name="current">The resourceVersion of the last write.</param>
    /// <exception cref="ApiRefusal">400, 422, or 504 for a version that is yet to come.</exception>
    public static void MustBeKnown(ApiQuery query, long current)
    {
        if (query["limit"] is { } limit && query.Number("limit") is null)
        {
            throw new ApiRefusal(HttpStatusCode.BadRequest, "", $"strconv.ParseInt: parsing \"{limit}\": invalid syntax");
        }

        var version = query["resourceVersion"];
        if (query["resourceVersionMatch"] is not null && version is null)
        {
            const string Text = "Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided";
            throw ApiRefusal.BadOptions("ListOptions", new ApiCause("FieldValueForbidden", Text, "resourceVersionMatch"));
        }

        if (version is null)
        {
            return;
        }

        if (query["continue"] is not null && version is not "0")
        {
            throw ApiRefusal.BadRequest("specifying resource version is not allowed when using continue");
        }

        MustHaveCome(version, current);
    }

    private static void MustHaveCome(string version, long current)
    {
        if (!long.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            throw ApiRefusal.BadRequest($"invalid resource version: resourceVersion: Invalid value: \"{version}\": strconv.ParseUint: parsing \"{version}\": invalid syntax");
        }

        if (number > current)
        {
            throw new ApiRefusal(
                HttpStatusCode.GatewayTimeout,
                "Timeout",
                $"Timeout: Too large resource version: {number}, current: {current}",
                new ApiCause("ResourceVersionTooLarge", "Too large resource version"))
            {
                Details = new ApiDetails(RetryAfterSeconds: 1),
            };
        }
    }
}
