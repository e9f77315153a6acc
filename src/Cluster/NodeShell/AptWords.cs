namespace Stepper.Cluster.NodeShell;

/// <summary>Reads what apt prints.</summary>
public static class AptWords
{
    private const string Error = "E: ";

    /// <summary>Why it failed: its first error, which the others only follow from. Null where it says none.</summary>
    public static string? WhyFailed(string output) =>
        output.Split('\n').FirstOrDefault(line => line.StartsWith(Error, StringComparison.Ordinal))?[Error.Length..].TrimEnd();
}
