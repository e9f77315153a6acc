using System.Diagnostics;
using Stepper.Cluster.NodeShell;
using Stepper.Cluster.Versions;

namespace Stepper.Cluster.Tests.NodeShell;

public sealed class NodeCommandsTests
{
    private static readonly NodeScript Script = new(
        ScriptRole.Master, FirstControlPlane: true, new KubeVersion(1, 34, 7), "#!/bin/sh\necho secret-of-the-script\n", "https://pkgs.k8s.io/core:/stable:",
        ["CoreDNSUnsupportedPlugins", "Swap"], ["addon/coredns"], "/etc/kubernetes/patches");

    public static TheoryData<string> Hostile =>
        ["$(touch x)", "`touch x`", "a'b", "a\"b", "a\nb", "a\n", "-o", "--first", "a b", "", "a;b", "a,b", "../x y", "all", "ALL", "%h"];

    [Fact]
    public void TheNodeScriptIsCalledAsItWantsToBe() =>
        new NodeCommands().Start(Script).Words.Skip(4).ShouldBe(
        [
            "--role", "master", "--release", "1.34.7", "--first", "--repository", "https://pkgs.k8s.io/core:/stable:",
            "--ignore-preflight-errors", "CoreDNSUnsupportedPlugins,Swap", "--skip-phases", "addon/coredns", "--patches", "/etc/kubernetes/patches",
        ]);

    [Fact]
    public void WhatIsNotAskedForIsNoOption() =>
        new NodeCommands().Start(Script with { Role = ScriptRole.Worker, FirstControlPlane = false, IgnorePreflightErrors = [], SkipPhases = [], Patches = null }).Words.Skip(4)
            .ShouldBe(["--role", "worker", "--release", "1.34.7", "--repository", "https://pkgs.k8s.io/core:/stable:"]);

    [Fact]
    public void TheTextOfAScriptIsInNoCommandLine()
    {
        new NodeCommands().Start(Script).Words.ShouldNotContain(word => word.Contains("secret-of-the-script", StringComparison.Ordinal));
        new NodeCommands().Hook(Script.Text).Words.ShouldNotContain(word => word.Contains("secret-of-the-script", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Hostile))]
    public void AWordThatIsNoneIsNotSent(string value)
    {
        Action[] senders =
        [
            () => new NodeCommands().Start(Script with { IgnorePreflightErrors = [value] }),
            () => new NodeCommands().Start(Script with { SkipPhases = ["addon/coredns", value] }),
            () => new NodeCommands().Start(Script with { Patches = value }),
            () => new NodeCommands().Start(Script with { Repository = value }),
            () => NodeCommands.Plan(new KubeVersion(1, 34, 7), ["Swap", value]),
            () => NodeCommands.Source(new MinorVersion(1, 34), value),
            () => new NodeCommands().Survey(new KubeVersion(1, 34, 7), value),
            () => new NodeCommands().Follow(value, 0),
            () => new NodeCommands().Snapshot(value, TimeSpan.Zero),
            () => new NodeCommands().Snapshot($"etcd-1.34.7-1.db{(value.Length == 0 ? "\n" : value)}", TimeSpan.Zero),
        ];

        foreach (var send in senders)
        {
            Should.Throw<SourceException>(send);
        }
    }

    [Theory]
    [InlineData("https://pkgs.k8s.io/core:/stable:")]
    [InlineData("http://10.0.0.1:8080/mirror/k8s")]
    public void ARepositoryMayBeAMirror(string repository) =>
        NodeCommands.Source(new MinorVersion(1, 35), repository).Words.ShouldBe(["1.35", repository]);

    [Fact]
    public async Task EveryProgramIsWhatTheShellCheckerLikes()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/shellcheck"), "shellcheck is not installed");
        foreach (var (name, program) in NodePrograms.All.Select(program => (program.Name, program.Text)).Append(("runner", NodePrograms.Runner)))
        {
            var start = new ProcessStartInfo("shellcheck", ["--shell=sh", "--severity=warning", "-"]);
            var exit = await ChildProcess.RunAsync(start, System.Text.Encoding.UTF8.GetBytes(program), TestContext.Current.CancellationToken);

            exit.ExitCode.ShouldBe(0, name + ":\n" + System.Text.Encoding.UTF8.GetString(exit.Output));
        }
    }
}
