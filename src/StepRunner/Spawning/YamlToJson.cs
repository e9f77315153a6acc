using System.Globalization;
using System.Numerics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Stepper.StepRunner.Spawning;

/// <summary>
/// Reads YAML as kubectl does, by the JSON it stands for: with YAML 1.1's <c>yes</c>, <c>on</c> and octal <c>0440</c>, so that a template means here what it
/// means to <c>kubectl apply</c> (compared with kubectl 1.33).
/// </summary>
internal static partial class YamlToJson
{
    private static readonly TagName Text = new("tag:yaml.org,2002:str");

    /// <exception cref="YamlException">There is something in it that JSON has not.</exception>
    public static JsonNode? Convert(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Children.Select(pair => KeyValuePair.Create(Key(pair.Key), Convert(pair.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(Convert)]),
        YamlScalarNode { Style: ScalarStyle.Plain } scalar when scalar.Tag != Text => Plain(scalar),
        YamlScalarNode scalar => JsonValue.Create(scalar.Value),
        _ => throw new YamlException(node.Start, node.End, "this kind of node has no place in a Job"),
    };

    private static string Key(YamlNode key) =>
        key is YamlScalarNode ? Convert(key)?.ToString() ?? "null" : throw new YamlException(key.Start, key.End, "a key must be a text");

    private static JsonNode? Plain(YamlScalarNode scalar) => scalar.Value switch
    {
        null or "" or "~" or "null" or "Null" or "NULL" => null,
        "y" or "Y" or "yes" or "Yes" or "YES" or "true" or "True" or "TRUE" or "on" or "On" or "ON" => JsonValue.Create(true),
        "n" or "N" or "no" or "No" or "NO" or "false" or "False" or "FALSE" or "off" or "Off" or "OFF" => JsonValue.Create(false),
        var text when Endless().IsMatch(text) => throw new YamlException(scalar.Start, scalar.End, $"{text} is no number that JSON has"),
        var text => Number(text) ?? JsonValue.Create(text),
    };

    // An underscore may stand in a number, but not where it begins with its point.
    private static JsonValue? Number(string text) =>
        text[0] == '.' ? Fractional(text)
        : char.IsAsciiDigit(text[0]) || text[0] is '-' or '+' ? Whole(text.Replace("_", "", StringComparison.Ordinal)) ?? Fractional(text.Replace("_", "", StringComparison.Ordinal))
        : null;

    private static JsonValue? Whole(string text)
    {
        var match = Integers().Match(text);
        if (!match.Success)
        {
            return null;
        }

        var (digits, radix) =
            match.Groups["hex"] is { Success: true } hex ? (hex.Value, 16)
            : match.Groups["bin"] is { Success: true } bin ? (bin.Value, 2)
            : match.Groups["oct"] is { Success: true } oct ? (oct.Value, 8)
            : (match.Groups["dec"].Value, 10);
        var number = digits.Aggregate(BigInteger.Zero, (sum, digit) => (sum * radix) + "0123456789abcdef".IndexOf(char.ToLowerInvariant(digit), StringComparison.Ordinal));
        number = text[0] == '-' ? -number : number;
        return number >= long.MinValue && number <= long.MaxValue ? JsonValue.Create((long)number) : JsonValue.Create((double)number);
    }

    private static JsonValue? Fractional(string text) =>
        Fractions().IsMatch(text) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? JsonValue.Create(number)
            : null;

    [GeneratedRegex(
        @"\A[-+]?(0[xX](?<hex>[0-9a-fA-F]+)|0[bB](?<bin>[01]+)|0[oO]?(?<oct>[0-7]+)|(?<dec>0|[1-9][0-9]*))\z",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex Integers();

    [GeneratedRegex(@"\A[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Fractions();

    [GeneratedRegex(@"\A([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Endless();
}
