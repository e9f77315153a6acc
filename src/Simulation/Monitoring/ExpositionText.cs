using System.Globalization;
using System.Text;

namespace Stepper.Simulation.Monitoring;

/// <summary>Reads the text format of Prometheus as the Pushgateway does: what it refuses is refused here.</summary>
internal static class ExpositionText
{
    /// <exception cref="FormatException">In the message: the line and what is wrong with it.</exception>
    public static IReadOnlyList<PushedSample> Parse(string text)
    {
        if (text.Length > 0 && text[^1] != '\n')
        {
            throw new FormatException("text format parsing error: unexpected end of input stream");
        }

        var samples = new List<PushedSample>();
        var types = new Dictionary<string, string>(StringComparer.Ordinal);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var lines = text.Split('\n');
        for (var number = 1; number < lines.Length; number++)
        {
            var line = lines[number - 1].Trim();
            if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
            {
                ReadType(line, number, types, samples);
            }
            else if (line.Length > 0 && line[0] != '#')
            {
                var sample = ReadSample(line, number);
                if (!seen.Add(sample.Series))
                {
                    throw Wrong(number, $"second sample of {sample.Series}");
                }

                samples.Add(sample);
            }
        }

        return samples;
    }

    private static void ReadType(string line, int number, Dictionary<string, string> types, List<PushedSample> samples)
    {
        var parts = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length != 4 || parts[3] is not ("gauge" or "counter" or "untyped" or "histogram" or "summary"))
        {
            throw Wrong(number, $"unknown metric type in \"{line}\"");
        }

        if (samples.Exists(sample => sample.Name == parts[2]) || !types.TryAdd(parts[2], parts[3]))
        {
            throw Wrong(number, $"second TYPE line for metric name \"{parts[2]}\", or TYPE reported after samples");
        }
    }

    private static PushedSample ReadSample(string line, int number)
    {
        var end = line.IndexOfAny(['{', ' ', '\t']);
        if (end <= 0 || !IsName(line[..end]))
        {
            throw Wrong(number, $"invalid metric name in \"{line}\"");
        }

        var name = line[..end];
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var rest = line[end] == '{' ? ReadLabels(line, end + 1, number, labels) : line[end..];
        var parts = rest.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length == 2)
        {
            throw Wrong(number, "pushed metrics must not have timestamps");
        }

        if (parts.Length != 1 || !TryValue(parts[0], out var value))
        {
            throw Wrong(number, $"expected float as value, got \"{rest.Trim()}\"");
        }

        return new PushedSample(name, labels, value);
    }

    private static bool IsName(string name) => !char.IsAsciiDigit(name[0]) && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or ':');

    private static bool TryValue(string text, out double value)
    {
        value = text.TrimStart('+').ToUpperInvariant() switch
        {
            "INF" => double.PositiveInfinity,
            "-INF" => double.NegativeInfinity,
            "NAN" => double.NaN,
            _ => 0,
        };
        return value != 0 || double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value);
    }

    // From after the brace; gives back what follows the closing one.
    private static string ReadLabels(string line, int at, int number, SortedDictionary<string, string> labels)
    {
        while (at < line.Length && line[at] != '}')
        {
            var equals = line.IndexOf('=', at);
            if (equals < 0 || equals + 1 >= line.Length || line[equals + 1] != '"')
            {
                throw Wrong(number, "expected '\"' at start of label value");
            }

            var name = line[at..equals].Trim();
            if (name.Length == 0 || name.Contains(':', StringComparison.Ordinal) || !IsName(name))
            {
                throw Wrong(number, $"invalid label name \"{name}\"");
            }

            var value = ReadQuoted(line, equals + 2, number, out at);
            if (!labels.TryAdd(name, value))
            {
                throw Wrong(number, $"duplicate label name \"{name}\"");
            }

            at = at < line.Length && line[at] == ',' ? at + 1 : at;
        }

        return at < line.Length ? line[(at + 1)..] : throw Wrong(number, "unexpected end of label set");
    }

    private static string ReadQuoted(string line, int at, int number, out int after)
    {
        var value = new StringBuilder();
        for (; at < line.Length; at++)
        {
            if (line[at] == '"')
            {
                after = at + 1;
                return value.ToString();
            }

            if (line[at] != '\\')
            {
                value.Append(line[at]);
                continue;
            }

            at++;
            value.Append(at >= line.Length ? ' ' : line[at] == 'n' ? '\n' : line[at]);
        }

        throw Wrong(number, "label value contains unescaped new-line, or does not end");
    }

    private static FormatException Wrong(int line, string what) => new($"text format parsing error in line {line}: {what}");
}

/// <summary>One sample that was pushed.</summary>
/// <param name="Labels">Its own labels, without those of its group.</param>
public sealed record PushedSample(string Name, IReadOnlyDictionary<string, string> Labels, double Value)
{
    /// <summary>Name and labels, as Prometheus writes them.</summary>
    public string Series => Labels.Count == 0 ? Name : $"{Name}{{{string.Join(',', Labels.Select(label => $"{label.Key}=\"{label.Value}\""))}}}";
}
