namespace Stepper.Simulation.Controllers;

/// <summary>
/// What a controller has to look at, once each, a little later than it was told, as a real one is: it looks at an object as it is then. While there is no
/// API server nothing is looked at.
/// </summary>
internal sealed class WorkQueue(ControlPlane plane, TimeSpan delay, Action<ObjectKey> look)
{
    private readonly HashSet<ObjectKey> _waiting = [];

    public void Add(ObjectKey key)
    {
        if (_waiting.Add(key))
        {
            plane.Time.After(delay, () => plane.WhenUp(() => Look(key)));
        }
    }

    public void AddAt(ObjectKey key, DateTimeOffset time) =>
        plane.Time.After(time > plane.Now ? time - plane.Now : TimeSpan.Zero, () => Add(key));

    private void Look(ObjectKey key)
    {
        _waiting.Remove(key);
        look(key);
    }
}
