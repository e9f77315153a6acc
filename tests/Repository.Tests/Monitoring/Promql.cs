using System.Text.RegularExpressions;

namespace Stepper.Repository.Tests.Monitoring;

/// <summary>As much of Prometheus' query language as tells which metrics a query asks for.</summary>
internal static partial class Promql
{
    /// <summary>Each once, in the order in which they stand there.</summary>
    public static IReadOnlyList<string> MetricsOf(string query)
    {
        var bare = NoMetric().Replace(query, " ");
        return [.. Name().Matches(bare).Select(match => match.Value).Where(name => !IsOperator(name)).Distinct(StringComparer.Ordinal)];
    }

    private static bool IsOperator(string name) => name is "and" or "or" or "unless" or "bool" or "offset" or "by" or "without" or "on" or "ignoring" or "group_left" or "group_right";

    // Strings, matchers, ranges, and the labels that an operator or an aggregation names.
    [GeneratedRegex("""
        "[^"]*"|\{[^}]*\}|\[[^\]]*\]|\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)
        """, RegexOptions.IgnorePatternWhitespace | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NoMetric();

    // Not a function, which has a parenthesis after it.
    [GeneratedRegex(@"\b[A-Za-z_:][\w:]*\b(?!\s*\()", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Name();
}
