using Stepper.StepRunner.Spawning;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Stepper.StepRunner.Tests.Spawning;

/// <summary>Each expectation is what <c>kubectl label --local -o json</c> 1.33 made of the same line.</summary>
public sealed class YamlToJsonTests
{
    [Theory]
    [InlineData("0440", "288")]
    [InlineData("0o440", "288")]
    [InlineData("0_7", "7")]
    [InlineData("0O17", "15")]
    [InlineData("0x1F", "31")]
    [InlineData("0X1f", "31")]
    [InlineData("-0b11", "-3")]
    [InlineData("1_000", "1000")]
    [InlineData("+5", "5")]
    [InlineData("08", "8")]
    [InlineData("1.34", "1.34")]
    [InlineData("1.0", "1")]
    [InlineData("1.", "1")]
    [InlineData(".5", "0.5")]
    [InlineData("-.5", "-0.5")]
    [InlineData("1e3", "1000")]
    [InlineData("1_0.5", "10.5")]
    [InlineData("\"0440\"", "\"0440\"")]
    [InlineData("'yes'", "\"yes\"")]
    [InlineData("!!str 7", "\"7\"")]
    [InlineData("100m", "\"100m\"")]
    [InlineData("64Mi", "\"64Mi\"")]
    [InlineData("0o8", "\"0o8\"")]
    [InlineData("._5", "\"._5\"")]
    [InlineData("1:30", "\"1:30\"")]
    [InlineData("1E400", "\"1E400\"")]
    [InlineData(".", "\".\"")]
    [InlineData("-x", "\"-x\"")]
    [InlineData("2026-11-22", "\"2026-11-22\"")]
    [InlineData("yes", "true")]
    [InlineData("y", "true")]
    [InlineData("on", "true")]
    [InlineData("True", "true")]
    [InlineData("no", "false")]
    [InlineData("OFF", "false")]
    [InlineData("yES", "\"yES\"")]
    [InlineData("", "null")]
    [InlineData("~", "null")]
    [InlineData("Null", "null")]
    [InlineData("|\n  7", "\"7\"")]
    [InlineData("&x [1, {b: *x2}]", null)]
    public void AValueIsWhatKubectlReads(string yaml, string? json)
    {
        if (json is null)
        {
            Should.Throw<YamlException>(() => Read($"a: {yaml}"));
            return;
        }

        Read($"a: {yaml}").ShouldBe($$"""{"a":{{json}}}""");
    }

    [Fact]
    public void AnAliasIsWhatItStandsFor() => Read("a: &x [1]\nb: *x").ShouldBe("""{"a":[1],"b":[1]}""");

    [Fact]
    public void AKeyIsAText() => Read("1: a\nyes: b\n0440: c").ShouldBe("""{"1":"a","true":"b","288":"c"}""");

    private static string Read(string yaml)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        return YamlToJson.Convert(stream.Documents[0].RootNode)!.ToJsonString();
    }
}
