using Stepper.Cluster.NodeShell;
using Stepper.Cluster.Versions;

namespace Stepper.Simulation.Tests.World;

/// <summary>Calls of the node script as a step makes them.</summary>
internal static class TestScripts
{
    public static NodeScript Worker(KubeVersion release) => Of(ScriptRole.Worker, firstControlPlane: false, release);

    public static NodeScript Master(KubeVersion release) => Of(ScriptRole.Master, firstControlPlane: true, release);

    private static NodeScript Of(ScriptRole role, bool firstControlPlane, KubeVersion release) =>
        new(role, firstControlPlane, release, "#!/bin/bash", "https://pkgs.k8s.io/core:/stable:", [], [], null);
}
