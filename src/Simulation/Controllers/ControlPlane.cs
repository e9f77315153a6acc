using System.Text.Json.Nodes;
using Stepper.Simulation.Api;

namespace Stepper.Simulation.Controllers;

/// <summary>What every controller and kubelet works with: the clock, the objects, and whether there is an API server to write to.</summary>
internal sealed class ControlPlane
{
    private static readonly TimeSpan AsksAgain = TimeSpan.FromSeconds(1);

    private readonly SortedSet<string> _members = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _down = new(StringComparer.Ordinal);

    public ControlPlane(VirtualTime time, Registry registry, int seed)
    {
        Time = time;
        Registry = registry;
        Chance = new Random(seed);
        Pods = new PodIndex(registry.Store);
    }

    public VirtualTime Time { get; }

    public Registry Registry { get; }

    public ObjectStore Store => Registry.Store;

    public PodIndex Pods { get; }

    /// <summary>Drawn from in the order of what happens, so a seed gives one run.</summary>
    public Random Chance { get; }

    public DateTimeOffset Now => Time.GetUtcNow();

    /// <summary>When the cluster had come to rest and its story began: what there was before has been there for long.</summary>
    public DateTimeOffset Began { get; set; }

    /// <summary>One API server is enough: they stand behind a load balancer. A cluster whose control plane is elsewhere always has one.</summary>
    public bool IsUp => _members.Count == 0 || _members.Count > _down.Count;

    /// <summary>Told when the last API server goes (false) and when the first one is there again (true).</summary>
    public event Action<bool>? Switched;

    /// <summary>Told after one API server went or came.</summary>
    public event Action? ApiServersChanged;

    public void AddMember(string node) => _members.Add(node);

    public void SetApiServer(string node, bool up)
    {
        var was = IsUp;
        if (!_members.Contains(node) || !(up ? _down.Remove(node) : _down.Add(node)))
        {
            return;
        }

        ApiServersChanged?.Invoke();
        if (IsUp != was)
        {
            Switched?.Invoke(IsUp);
        }
    }

    /// <summary>Has a write done now, or as soon as there is an API server for it.</summary>
    public void WhenUp(Action write)
    {
        if (IsUp)
        {
            write();
            return;
        }

        Time.After(AsksAgain, () => WhenUp(write));
    }

    /// <summary>Changes an object that may be gone by now; nothing happens then.</summary>
    public void Change(ResourceKind kind, ObjectKey key, Action<JsonObject> change)
    {
        if (Store.Find(kind, key.Namespace, key.Name) is not null)
        {
            Registry.Change(kind, key.Namespace, key.Name, change);
        }
    }

    /// <summary>Deletes an object that may be gone by now, or be another one of its name.</summary>
    public void Delete(ResourceKind kind, JsonObject meant, int? graceSeconds = null)
    {
        if (Store.Find(kind, meant.Namespace(), meant.Name())?.Uid() == meant.Uid())
        {
            Registry.Delete(kind, meant.Namespace(), meant.Name(), graceSeconds);
        }
    }

    /// <summary>A part of a name as the API server makes it up.</summary>
    public string NameSuffix() => new(Chance.GetItems<char>("bcdfghjklmnpqrstvwxz2456789", 5));
}
