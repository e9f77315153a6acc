using System.Text;

namespace Stepper.Cluster.Monitoring;

/// <summary>One line of Prometheus' text format, as a program serves it under <c>/metrics</c>.</summary>
/// <param name="Series">Its labels and its value.</param>
public sealed record MetricSample(string Name, Series Series)
{
    /// <summary>The samples of some metrics in a page, which is read line by line: it may be of many megabytes.</summary>
    /// <exception cref="SourceException">A line of these metrics can't be read.</exception>
    internal static IReadOnlyList<MetricSample> Read(ReadOnlySpan<byte> page, IReadOnlyCollection<string> names)
    {
        var wanted = names.Select(Encoding.UTF8.GetBytes).ToList();
        List<MetricSample> samples = [];
        while (!page.IsEmpty)
        {
            var end = page.IndexOf((byte)'\n');
            var line = end < 0 ? page : page[..end];
            page = end < 0 ? default : page[(end + 1)..];
            foreach (var name in wanted)
            {
                if (line.StartsWith(name) && line.Length > name.Length && line[name.Length] is (byte)'{' or (byte)' ')
                {
                    samples.Add(ReadLine(Encoding.UTF8.GetString(line), name.Length));
                }
            }
        }

        return samples;
    }

    private static MetricSample ReadLine(string line, int nameLength)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        var at = nameLength;
        if (line[at] == '{')
        {
            at++;
            while (at < line.Length && line[at] != '}')
            {
                at = ReadLabel(line, at, labels);
            }

            at++;
        }

        try
        {
            // A time may stand after the value.
            return new MetricSample(line[..nameLength], new Series(labels, Series.Number(at < line.Length ? line[at..].Trim().Split(' ')[0] : "")));
        }
        catch (FormatException)
        {
            throw Unread(line);
        }
    }

    // name="value" and the comma after it; gives back where the next one begins.
    private static int ReadLabel(string line, int at, Dictionary<string, string> labels)
    {
        var equals = line.IndexOf("=\"", at, StringComparison.Ordinal);
        if (equals < 0)
        {
            throw Unread(line);
        }

        var value = new StringBuilder();
        var next = equals + 2;
        for (; next < line.Length && line[next] != '"'; next++)
        {
            value.Append(line[next] != '\\' || ++next == line.Length ? line[Math.Min(next, line.Length - 1)] : line[next] == 'n' ? '\n' : line[next]);
        }

        labels[line[at..equals].Trim()] = value.ToString();
        next++;
        return next < line.Length && line[next] == ',' ? next + 1 : next;
    }

    private static SourceException Unread(string line) => new($"/metrics of the API server has a line that can't be read: {line[..Math.Min(line.Length, 200)]}");
}
