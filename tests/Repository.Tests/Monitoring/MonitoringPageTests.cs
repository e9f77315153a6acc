using System.Diagnostics;
using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace Stepper.Repository.Tests.Monitoring;

/// <summary>What <c>docs/monitoring.md</c> gives to be copied does what it says.</summary>
public sealed partial class MonitoringPageTests
{
    private static readonly string Page = WorkTree.Read("docs/monitoring.md");

    [Fact]
    public async Task TheCommandForTheOperatorMakesAPrometheusRuleOfAllRules()
    {
        var command = CodeBlock().Matches(Page).Select(block => block.Groups["text"].Value).Single(text => text.Contains("PrometheusRule", StringComparison.Ordinal));
        using var shell = Process.Start(new ProcessStartInfo("bash", ["-ec", "kubectl() { cat; }\n" + command])
        {
            WorkingDirectory = WorkTree.PathOf(""),
            UseShellExecute = false,
            RedirectStandardOutput = true,
        })!;
        var applied = new YamlStream();
        applied.Load(new StringReader(await shell.StandardOutput.ReadToEndAsync()));
        var resource = applied.Documents.ShouldHaveSingleItem().RootNode;

        $"{resource["apiVersion"]} {resource["kind"]}".ShouldBe("monitoring.coreos.com/v1 PrometheusRule");
        ((YamlSequenceNode)resource["spec"]["groups"][0]["rules"]).Select(rule => rule["alert"].ToString()).ShouldBe(AlertRule.Names);
    }

    [Fact]
    public void WhatKuredIsToldToLeaveOutIsNoneThatShallHoldItBack()
    {
        string[] notOurs = ["Watchdog", "InfoInhibitor"];
        var leftOut = new Regex(After("--alert-filter-regexp="), RegexOptions.None, TimeSpan.FromSeconds(1));
        var alone = new Regex(After("that hold kured back instead: `").TrimEnd('.', '`'), RegexOptions.None, TimeSpan.FromSeconds(1));

        notOurs.ShouldAllBe(name => leftOut.IsMatch(name) && !alone.IsMatch(name));
        AlertRule.Names.Where(name => !leftOut.IsMatch(name)).ShouldBe(AlertRule.Names.Where(name => alone.IsMatch(name)));
        AlertRule.Names.Where(name => leftOut.IsMatch(name)).ShouldBe(["RecentNodeReboot"]);
    }

    private static string After(string words) => Page.Split(words)[1].Split('\n')[0];

    [GeneratedRegex(@"^```\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex CodeBlock();
}
