using Stepper.Cluster.Workloads;

namespace Stepper.Cluster.Tests;

public sealed class ImageNameTests
{
    [Theory]
    [InlineData("nginx", "nginx", "", false)]
    [InlineData("nginx:1.29", "nginx", "1.29", false)]
    [InlineData("localhost:5000/nginx", "localhost:5000/nginx", "", false)]
    [InlineData("registry:5000/a/b:v1.2.3@sha256:0123", "registry:5000/a/b", "v1.2.3", true)]
    [InlineData("quay.io/a/b@sha256:0123", "quay.io/a/b", "", true)]
    public void ANameIsTakenApart(string image, string repository, string tag, bool isPinned) => ImageName.Read(image).ShouldBe(new ImageName(repository, tag, isPinned));

    [Theory]
    [InlineData("quay.io/cilium/cilium:v1.16.3", "cilium/cilium", true)]
    [InlineData("mirror.corp/x/cilium/cilium@sha256:0123", "cilium/cilium", true)]
    [InlineData("cilium/cilium", "cilium/cilium", true)]
    [InlineData("notcilium/cilium:1", "cilium/cilium", false)]
    [InlineData("cilium/cilium-envoy:1", "cilium/cilium", false)]
    public void ARepositoryIsKnownByTheEndOfItsPath(string image, string path, bool isOf) => ImageName.Read(image).IsOf(path).ShouldBe(isOf);
}
