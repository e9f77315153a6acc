using System.Text.RegularExpressions;
using Stepper.Cluster.Kubernetes.Objects;

namespace Stepper.Simulation.Api;

/// <summary>The <c>labelSelector</c> of a request.</summary>
internal static partial class LabelQuery
{
    /// <exception cref="ApiRefusal">400: it can't be read.</exception>
    public static LabelSelector? Read(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        List<LabelRequirement> requirements = [];
        var at = 0;
        while (at < text.Length)
        {
            var match = Requirement().Match(text, at);
            if (!match.Success || match.Index != at || match.Length == 0)
            {
                throw ApiRefusal.BadRequest($"unable to parse requirement: found '{text[at..]}', expected: a label, '!', 'in', 'notin', '=', '==' or '!='");
            }

            requirements.Add(Of(match));
            at = match.Index + match.Length;
        }

        return new LabelSelector { MatchExpressions = requirements };
    }

    private static LabelRequirement Of(Match match)
    {
        var key = match.Groups["key"].Value;
        if (match.Groups["set"].Success)
        {
            var values = match.Groups["values"].Value.Split(',', StringSplitOptions.TrimEntries);
            return new LabelRequirement { Key = key, Operator = match.Groups["set"].Value is "in" ? "In" : "NotIn", Values = values };
        }

        if (match.Groups["equals"].Success)
        {
            return new LabelRequirement { Key = key, Operator = match.Groups["equals"].Value is "!=" ? "NotIn" : "In", Values = [match.Groups["value"].Value] };
        }

        return new LabelRequirement { Key = key, Operator = match.Groups["not"].Success ? "DoesNotExist" : "Exists" };
    }

    [GeneratedRegex(
        @"\G\s*(?<not>!)?\s*(?<key>[A-Za-z0-9][A-Za-z0-9_./-]*)\s*(?:(?<set>in|notin)\s*\((?<values>[^)]*)\)|(?<equals>==|=|!=)\s*(?<value>[A-Za-z0-9_.-]*))?\s*(?:,|$)",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex Requirement();
}
