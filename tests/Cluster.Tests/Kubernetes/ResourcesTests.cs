using System.Reflection;
using Stepper.Cluster.Kubernetes;

namespace Stepper.Cluster.Tests.Kubernetes;

public sealed class ResourcesTests
{
    [Fact]
    public void APageOfEachKindCanBeRead()
    {
        foreach (var kind in typeof(Resources).GetProperties(BindingFlags.Public | BindingFlags.Static))
        {
            var type = kind.PropertyType.GetGenericArguments()[0];
            KubeJson.Default.GetTypeInfo(typeof(KubePage<>).MakeGenericType(type)).ShouldNotBeNull($"KubeJson lacks KubePage<{type.Name}>, for {kind.Name}");
        }
    }
}
