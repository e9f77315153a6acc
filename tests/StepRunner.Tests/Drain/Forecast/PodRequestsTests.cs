using System.Globalization;
using Stepper.Cluster.Workloads;

namespace Stepper.StepRunner.Tests.Drain.Forecast;

public sealed class PodRequestsTests
{
    [Theory]
    [InlineData("containers add up", """{"containers":[{"resources":{"requests":{"cpu":"100m","memory":"1Gi"}}},{"resources":{"requests":{"cpu":"0.5"}}}]}""", "cpu 0.6, memory 1073741824")]
    [InlineData("a container without requests asks for nothing", """{"containers":[{"name":"a"},{"resources":{"limits":{"cpu":"4"}}}]}""", "")]
    [InlineData("init containers run one by one, so the biggest counts", """{"containers":[{"resources":{"requests":{"cpu":"1"}}}],"initContainers":[{"resources":{"requests":{"cpu":"2"}}},{"resources":{"requests":{"cpu":"1.5","memory":"1"}}}]}""", "cpu 2, memory 1")]
    [InlineData("a smaller init container adds nothing", """{"containers":[{"resources":{"requests":{"cpu":"3"}}}],"initContainers":[{"resources":{"requests":{"cpu":"2"}}}]}""", "cpu 3")]
    [InlineData("an init container that stays adds to the containers", """{"containers":[{"resources":{"requests":{"cpu":"1"}}}],"initContainers":[{"restartPolicy":"Always","resources":{"requests":{"cpu":"500m"}}}]}""", "cpu 1.5")]
    [InlineData("one that stays runs beside the init containers after it", """{"containers":[{"resources":{"requests":{"cpu":"1"}}}],"initContainers":[{"restartPolicy":"Always","resources":{"requests":{"cpu":"500m"}}},{"resources":{"requests":{"cpu":"2"}}}]}""", "cpu 2.5")]
    [InlineData("and not beside those before it", """{"containers":[{"resources":{"requests":{"cpu":"1"}}}],"initContainers":[{"resources":{"requests":{"cpu":"2"}}},{"restartPolicy":"Always","resources":{"requests":{"cpu":"500m"}}}]}""", "cpu 2")]
    [InlineData("what the pod asks for as a whole stands in place of it", """{"resources":{"requests":{"cpu":"4"}},"containers":[{"resources":{"requests":{"cpu":"1","memory":"7"}}}]}""", "cpu 4, memory 7")]
    [InlineData("the runtime's own comes on top", """{"overhead":{"cpu":"250m"},"containers":[{"resources":{"requests":{"cpu":"1","nvidia.com/gpu":"2"}}}]}""", "cpu 1.25, nvidia.com/gpu 2")]
    public void APodAsksForWhatKubernetesCounts(string what, string spec, string asks)
    {
        var counted = PodRequests.Of(Foreseen.Pod("pod", spec: spec).Spec);

        string.Join(", ", counted.OrderBy(request => request.Key, StringComparer.Ordinal).Select(request => $"{request.Key} {request.Value.ToString("0.###", CultureInfo.InvariantCulture)}")).ShouldBe(asks, what);
    }
}
