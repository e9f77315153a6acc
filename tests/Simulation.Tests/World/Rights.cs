using Stepper.Simulation.Shapes;

namespace Stepper.Simulation.Tests.World;

/// <summary>What may be asked of the API in tests that are not about rights: everything.</summary>
internal static class Rights
{
    public static void ToEverything(SimulatedCluster cluster, string ns, string account)
    {
        foreach (var body in YamlObjects.Read($$"""
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRole
            metadata: {name: all}
            rules: [{apiGroups: ["*"], resources: ["*"], verbs: ["*"]}]
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRoleBinding
            metadata: {name: all}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: all}
            subjects: [{kind: ServiceAccount, namespace: {{ns}}, name: {{account}}}]
            """))
        {
            cluster.Create(body);
        }
    }
}
