namespace Stepper.Simulation.Nodes;

/// <summary>The conditions of a node besides <c>Ready</c>: true when there is trouble.</summary>
internal static class NodeConditions
{
    public static IReadOnlyList<string> Troubles { get; } = ["MemoryPressure", "DiskPressure", "PIDPressure"];

    /// <summary>Why there is none.</summary>
    public static string ReasonOf(string trouble) => trouble switch
    {
        "MemoryPressure" => "KubeletHasSufficientMemory",
        "DiskPressure" => "KubeletHasNoDiskPressure",
        _ => "KubeletHasSufficientPID",
    };
}
