using System.Text;
using Stepper.Cluster.Monitoring;

namespace Stepper.Cluster.Tests.Monitoring;

public sealed class MetricSampleTests
{
    [Fact]
    public void SamplesOfTheWantedMetricsAreReadWithTheirLabels()
    {
        var samples = Read(
            """
            # HELP apiserver_requested_deprecated_apis [STABLE] Gauge of deprecated APIs that have been requested
            # TYPE apiserver_requested_deprecated_apis gauge
            apiserver_requested_deprecated_apis{group="flowcontrol.apiserver.k8s.io",removed_release="1.32",resource="flowschemas",subresource="",version="v1beta3"} 1
            apiserver_requested_deprecated_apis_more{group="x"} 1
            process_start_time_seconds 1.79473320025e+09
            process_start_time_seconds_more 2
            odd{a="with \"quotes\", a \\ and a\nnew line",b="}"} +Inf 1794733200000
            """);

        samples.Select(sample => (sample.Name, sample.Series.Value)).ShouldBe(
            [("apiserver_requested_deprecated_apis", 1), ("process_start_time_seconds", 1794733200.25), ("odd", double.PositiveInfinity)]);
        samples[0].Series.Labels["resource"].ShouldBe("flowschemas");
        samples[0].Series.Labels["subresource"].ShouldBe("");
        samples[2].Series.Labels.ShouldBe(new Dictionary<string, string>(StringComparer.Ordinal) { ["a"] = "with \"quotes\", a \\ and a\nnew line", ["b"] = "}" }, ignoreOrder: true);
    }

    [Theory]
    [InlineData("odd{a=\"b\"}")]
    [InlineData("odd{a=\"b")]
    [InlineData("odd{a=b} 1")]
    [InlineData("odd{} many")]
    public void ALineThatCannotBeReadIsAnErrorAndNotAMissingSample(string line) => Should.Throw<SourceException>(() => Read(line)).Message.ShouldContain("can't be read: odd");

    private static IReadOnlyList<MetricSample> Read(string page) =>
        MetricSample.Read(Encoding.UTF8.GetBytes(page), ["apiserver_requested_deprecated_apis", "process_start_time_seconds", "odd"]);
}
