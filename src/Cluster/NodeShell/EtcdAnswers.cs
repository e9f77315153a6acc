using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Stepper.Cluster.NodeShell;

/// <summary>
/// Reads what the programs that ask etcd print: JSON of etcdctl (3.4 to 3.6) and lines of its metrics. What is not as it must be is an error, never a zero.
/// </summary>
internal static partial class EtcdAnswers
{
    private const string Syncs = "etcd_disk_wal_fsync_duration_seconds";
    private const string Commits = "etcd_disk_backend_commit_duration_seconds";
    private const string Applies = "etcd_server_apply_duration_seconds";

    public static EtcdReport Report(string text, string node)
    {
        var lines = new AnswerLines(text, $"{node} was asked about its etcd and");
        if (lines.Find("external") is { } external)
        {
            return new EtcdReport { External = external };
        }

        if (lines.Has("stopped"))
        {
            return new EtcdReport();
        }

        var trouble = lines.Find("silent");
        return new EtcdReport
        {
            Runs = true,
            Trouble = trouble,
            Members = trouble is null || lines.Find("members") is not null ? Members(lines, trouble is null) : [],
            Before = Figures(lines, "before"),
            After = Figures(lines, "after"),
            Between = TimeSpan.FromSeconds(lines.Number("seconds")),
        };
    }

    public static SavedEtcd Saved(string text, string node)
    {
        var lines = new AnswerLines(text, $"{node} was asked about its etcd and");
        var (before, proof) = (Json(lines, "before"), Json(lines, "proof"));
        return new SavedEtcd(
            lines.Get("path"),
            lines.Get("reused") == "yes",
            lines.Number("bytes"),
            Number(lines, proof, "revision"),
            Number(lines, At(At((before as JsonArray)?.FirstOrDefault(), "Status"), "header"), "revision"),
            Number(lines, proof, "totalKey"));
    }

    private static List<EtcdMember> Members(AnswerLines lines, bool wereAsked)
    {
        var answers = wereAsked ? Json(lines, "health") as JsonArray : [];
        var health = (answers ?? throw lines.Wrong("health")).ToLookup(
            each => Text(each, "endpoint") ?? throw lines.Wrong("health"), each => Health(lines, each), StringComparer.Ordinal);
        var members = (At(Json(lines, "members"), "members") as JsonArray ?? throw lines.Wrong("members")).Select(member => Member(lines, member, health)).ToList();
        return members.Count > 0 ? members : throw lines.Wrong("members");
    }

    // Go's JSON leaves out what is empty or false.
    private static EtcdMember Member(AnswerLines lines, JsonNode? member, ILookup<string, EtcdHealth> health)
    {
        var addresses = Texts(lines, At(member, "clientURLs"));
        return new EtcdMember(
            Text(member, "name") ?? "",
            addresses.Count > 0 ? addresses[0] : Texts(lines, At(member, "peerURLs")).FirstOrDefault() ?? throw lines.Wrong("members"),
            Flag(member, "isLearner"),
            // It may be asked at several addresses: the worst answer counts.
            addresses.SelectMany(address => health[address]).OrderBy(answer => answer.IsHealthy).ThenByDescending(answer => answer.Took).FirstOrDefault());
    }

    private static List<string> Texts(AnswerLines lines, JsonNode? array) => array switch
    {
        null => [],
        JsonArray texts => [.. texts.Select(text => text is JsonValue value && value.TryGetValue(out string? said) ? said : throw lines.Wrong("members"))],
        _ => throw lines.Wrong("members"),
    };

    private static EtcdHealth Health(AnswerLines lines, JsonNode? answer) => new(
        Flag(answer, "health"), Text(answer, "error") ?? "", Text(answer, "took") is { Length: > 0 } took ? GoDuration(took) ?? throw lines.Wrong("health") : TimeSpan.Zero);

    private static JsonNode? At(JsonNode? parent, string name) => (parent as JsonObject)?[name];

    private static string? Text(JsonNode? parent, string name) => At(parent, name) is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    private static bool Flag(JsonNode? parent, string name) => At(parent, name) is JsonValue value && value.TryGetValue(out bool flag) && flag;

    private static long Number(AnswerLines lines, JsonNode? parent, string name) =>
        At(parent, name) is JsonValue value && value.TryGetValue(out long number) ? number : throw lines.Wrong(name);

    private static JsonNode Json(AnswerLines lines, string name)
    {
        try
        {
            return JsonNode.Parse(lines.Get(name)) ?? throw lines.Wrong(name);
        }
        catch (JsonException)
        {
            throw lines.Wrong(name);
        }
    }

    /// <summary>A length of time as Go prints it: <c>1m2.5s</c>, <c>12.06673ms</c>, <c>840µs</c>; null when it is none.</summary>
    private static TimeSpan? GoDuration(string text)
    {
        var match = Duration().Match(text);
        return match.Success
            ? match.Groups["part"].Captures.Select(part => TimeSpan.FromSeconds(Seconds(part.Value))).Aggregate(TimeSpan.Zero, (sum, part) => sum + part)
            : null;

        static double Seconds(string part)
        {
            var number = part.TrimEnd('h', 'm', 's', 'n', 'u', 'µ', 'μ');
            return double.Parse(number, CultureInfo.InvariantCulture) * part[number.Length..] switch { "h" => 3600, "m" => 60, "s" => 1, "ms" => 1e-3, "ns" => 1e-9, _ => 1e-6 };
        }
    }

    private static EtcdFigures Figures(AnswerLines lines, string when)
    {
        var figures = lines.All(when).Select(line => Figure().Match(line)).Where(match => match.Success)
            .ToLookup(match => match.Groups["name"].Value, match => Value(match.Groups["value"].Value), StringComparer.Ordinal);
        return new EtcdFigures(
            DateTimeOffset.UnixEpoch.AddSeconds(One("process_start_time_seconds")),
            One("etcd_server_has_leader") > 0,
            (long)One("etcd_server_leader_changes_seen_total"),
            (long)One("etcd_mvcc_db_total_size_in_bytes"),
            (long)One("etcd_server_quota_backend_bytes"),
            Latency(Syncs, isAlwaysThere: true),
            Latency(Commits, isAlwaysThere: true),
            Latency(Applies, isAlwaysThere: false));

        double One(string name) => figures[name].ToList() is [var value] && !double.IsNaN(value) ? value : throw lines.Wrong($"{when} {name}");

        // A bucket counts what was not slower.
        EtcdLatency Latency(string name, bool isAlwaysThere)
        {
            var (all, fast) = (figures[$"{name}_count"].ToList(), figures[$"{name}_bucket"].ToList());
            return all.Count == fast.Count && (all.Count > 0 || !isAlwaysThere)
                ? new EtcdLatency((long)all.Sum(), (long)(all.Sum() - fast.Sum()))
                : throw lines.Wrong($"{when} {name}");
        }
    }

    private static double Value(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : double.NaN;

    [GeneratedRegex(@"^(?<name>[a-z_]+)(\{[^}]*\})? (?<value>[0-9.eE+-]+)\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Figure();

    [GeneratedRegex(@"^(?<part>[0-9]+(\.[0-9]+)?(h|ms|m|s|us|µs|μs|ns))+\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Duration();
}
