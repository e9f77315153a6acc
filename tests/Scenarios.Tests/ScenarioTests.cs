using Stepper.Simulation.Shapes;

namespace Stepper.Scenarios.Tests;

/// <summary>Tests whose scenarios are all looked at once more at their end: no promise broken at any moment, no program crashed.</summary>
public abstract class ScenarioTests : IDisposable
{
    private readonly List<Scenario> _scenarios = [];

    private protected Scenario Begin(ClusterShape? shape = null, string? settings = null, int seed = 1, string matrix = Scenario.NothingKnown)
    {
        var scenario = new Scenario(shape, settings, seed, matrix);
        _scenarios.Add(scenario);
        return scenario;
    }

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        _scenarios.ForEach(scenario => scenario.MustBeSound());
    }
}
