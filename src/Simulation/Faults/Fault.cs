using System.Globalization;
using System.Text.RegularExpressions;

namespace Stepper.Simulation.Faults;

/// <summary>
/// Something that goes wrong in a simulated cluster: what, where, when and for how long. Written as <c>what:where@when+long</c>, such as
/// <c>ssh-unreachable:k8s-node3@35m+2m</c>; where, when and how long may be left out.
/// </summary>
/// <param name="Where">A node, or what the fault says it takes; empty where it needs none.</param>
/// <param name="When">From the start of the story.</param>
/// <param name="Long">Null: as long as that fault usually lasts.</param>
public sealed partial record Fault(FaultKind Kind, string Where, TimeSpan When, TimeSpan? Long)
{
    /// <exception cref="FormatException">The text is no fault; the message says what one looks like, or which there are.</exception>
    public static Fault Read(string text)
    {
        var match = Form().Match(text);
        if (!match.Success)
        {
            throw new FormatException($"\"{text}\" is no fault; one looks like ssh-unreachable:k8s-node3@35m+2m");
        }

        var name = match.Groups["what"].Value;
        var kind = FaultKinds.All.FirstOrDefault(each => each.Name == name)
            ?? throw new FormatException($"there is no fault \"{name}\"; there are: {string.Join(", ", FaultKinds.All.Select(each => each.Name))}");
        var where = match.Groups["where"].Value;
        return kind.NeedsPlace && where.Length == 0
            ? throw new FormatException($"fault {name} needs a place: {name}:{kind.Place}")
            : new Fault(kind, where, Length(match.Groups["when"]) ?? TimeSpan.Zero, Length(match.Groups["long"]));
    }

    /// <summary>Lets it happen in a cluster when its time comes.</summary>
    public void PlanIn(SimulatedCluster cluster)
    {
        var due = cluster.Start + When - cluster.Time.GetUtcNow();
        cluster.Time.After(due > TimeSpan.Zero ? due : TimeSpan.Zero, () => Kind.Begin(cluster, Where, Long ?? Kind.Lasts));
    }

    private static TimeSpan? Length(Group group)
    {
        if (!group.Success)
        {
            return null;
        }

        var number = double.Parse(group.Value[..^1], CultureInfo.InvariantCulture);
        return group.Value[^1] switch
        {
            's' => TimeSpan.FromSeconds(number),
            'm' => TimeSpan.FromMinutes(number),
            _ => TimeSpan.FromHours(number),
        };
    }

    [GeneratedRegex(@"^(?<what>[a-z0-9-]+)(:(?<where>[A-Za-z0-9./_-]+))?(@(?<when>[0-9.]+[smh]))?(\+(?<long>[0-9.]+[smh]))?$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Form();
}

/// <summary>A thing that can go wrong.</summary>
/// <param name="Place">What its place is, for people; empty where it needs none.</param>
/// <param name="Lasts">How long, where nothing else is said.</param>
/// <param name="Begin">Lets it begin now: the cluster, the place, how long.</param>
public sealed record FaultKind(string Name, string Place, string Says, TimeSpan Lasts, Action<SimulatedCluster, string, TimeSpan> Begin)
{
    public bool NeedsPlace => Place.Length > 0;
}
