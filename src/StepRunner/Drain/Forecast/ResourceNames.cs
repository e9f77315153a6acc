using System.Globalization;
using Stepper.Cluster.Kubernetes;

namespace Stepper.StepRunner.Drain.Forecast;

/// <summary>
/// Which place each resource has in a list of amounts: pods, cores and memory the first ones, then others as they come. Cores are counted in thousandths, all
/// else in whole pieces or bytes. A list that is too short for a resource has none of it.
/// </summary>
internal sealed class ResourceNames
{
    public const int Pods = 0;
    public const int Cpu = 1;
    public const int Memory = 2;

    private readonly List<string> _names = ["pods", "cpu", "memory"];

    /// <summary>What one pod asks for, itself included.</summary>
    public long[] Asked(IReadOnlyDictionary<string, decimal> requests)
    {
        var amounts = Amounts(requests.Select(request => (request.Key, decimal.Ceiling(InUnits(request.Key, request.Value)))));
        amounts[Pods] = 1;
        return amounts;
    }

    /// <summary>What a node has to give away.</summary>
    public long[] Given(IReadOnlyDictionary<string, string> allocatable) =>
        Amounts(allocatable.Select(entry => (entry.Key, decimal.Floor(InUnits(entry.Key, Quantity.Read(entry.Value))))));

    /// <summary>The first resource that is asked for and of which there is too little; -1 when there is enough of all.</summary>
    public static int Lacking(ReadOnlySpan<long> asked, ReadOnlySpan<long> free)
    {
        for (var place = 0; place < asked.Length; place++)
        {
            if (asked[place] > 0 && asked[place] > (place < free.Length ? free[place] : 0))
            {
                return place;
            }
        }

        return -1;
    }

    public string Name(int place) => _names[place];

    /// <summary>An amount for a person: <c>1.5</c> cores, <c>2048Mi</c>.</summary>
    public string InWords(int place, long amount) => _names[place] switch
    {
        "cpu" => (amount / 1000m).ToString("0.###", CultureInfo.InvariantCulture),
        "memory" or "ephemeral-storage" => string.Create(CultureInfo.InvariantCulture, $"{amount / (1024 * 1024)}Mi"),
        _ => amount.ToString(CultureInfo.InvariantCulture),
    };

    private static decimal InUnits(string name, decimal quantity) => name == "cpu" ? quantity * 1000 : quantity;

    private long[] Amounts(IEnumerable<(string Name, decimal Amount)> entries)
    {
        List<(int Place, long Amount)> placed = [.. entries.Select(entry => (Place(entry.Name), (long)decimal.Clamp(entry.Amount, 0, long.MaxValue / 2)))];
        var amounts = new long[_names.Count];
        placed.ForEach(entry => amounts[entry.Place] = entry.Amount);
        return amounts;
    }

    private int Place(string name)
    {
        var place = _names.IndexOf(name);
        if (place < 0)
        {
            place = _names.Count;
            _names.Add(name);
        }

        return place;
    }
}
