using Stepper.Cluster.Versions;
using Stepper.StepRunner.Settings;
using YamlDotNet.Core;

namespace Stepper.StepRunner.Gates.Compatibility;

/// <summary>
/// Whether the configuration that kubeadm gives each kubelet at its upgrade, ConfigMap <c>kube-system/kubelet-config</c>, has something that kubelets of the
/// target refuse. Pure.
/// </summary>
internal static class KubeletConfiguration
{
    public const string Namespace = "kube-system";
    public const string Name = "kubelet-config";
    public const string Key = "kubelet";

    private const string Component = "kubelet";
    private const string Show = $"kubectl -n {Namespace} get configmap {Name} -o yaml";

    /// <param name="yaml">Null where the ConfigMap, or its key, is not there.</param>
    /// <param name="step">From the oldest kubelet.</param>
    public static IReadOnlyList<Finding> Of(Removals removed, string? yaml, MinorStep step)
    {
        SettingsNode? root;
        try
        {
            root = yaml is null ? null : SettingsTree.Read(yaml);
        }
        catch (YamlException e)
        {
            return [Finding.RefusesUntilActed($"ConfigMap {Namespace}/{Name} can't be read: line {e.Start.Line}: {e.Message}", Show)];
        }

        return root is not MapNode map
            ? [Finding.RefusesUntilActed($"there is no kubelet configuration in ConfigMap {Namespace}/{Name}, so whether the target's kubelets take it can't be told", Show)]
            :
            [
                .. removed.KubeletConfiguration.Where(field => step.Reaches(field.In) && Has(map, field.Field.Split('.'), field.Value))
                    .Select(field => Gone(field.Value is null ? field.Field : $"{field.Field}: {field.Value}", field.In, field.Evidence)),
                .. removed.FeatureGates.Where(gate => gate.IsOf(Component) && step.Reaches(gate.In) && Has(map, ["featureGates", gate.Name], value: null))
                    .Select(gate => Gone($"the feature gate {gate.Name}", gate.In, gate.Evidence)),
            ];
    }

    private static Finding Gone(string what, MinorVersion gone, Evidence evidence) => Finding.RefusesUntilActed(
        $"the kubelet configuration has {what}, which is gone from Kubernetes {gone} on ({evidence}); take it out of ConfigMap {Namespace}/{Name}", Show);

    private static bool Has(SettingsNode node, ReadOnlySpan<string> path, string? value)
    {
        if (path.Length == 0)
        {
            return value is null || (node is TextNode text && text.Text == value) || (node is ListNode list && list.Items.Any(item => item is TextNode each && each.Text == value));
        }

        var name = path[0];
        return node is MapNode map && map.Entries.FirstOrDefault(entry => entry.Key.Text == name).Value is { } inner && Has(inner, path[1..], value);
    }
}
