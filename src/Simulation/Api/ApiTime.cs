using System.Globalization;

namespace Stepper.Simulation.Api;

/// <summary>Times as the API writes them.</summary>
public static class ApiTime
{
    /// <summary>To the second, in UTC.</summary>
    public static string Text(DateTimeOffset time) => time.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    /// <summary>As of a Lease or an Event: to the microsecond.</summary>
    public static string MicroText(DateTimeOffset time) => time.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture);
}
