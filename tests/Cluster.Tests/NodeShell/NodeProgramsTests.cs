using System.Diagnostics;
using System.Text;
using Stepper.Cluster.NodeShell;
using Stepper.Cluster.Versions;

namespace Stepper.Cluster.Tests.NodeShell;

/// <summary>The programs that run on a node, run here by a real <c>sh</c> with stand-ins of a node's tools.</summary>
public sealed class NodeProgramsTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("stepper-test-");

    public NodeProgramsTests() => Stand.In(_directory.FullName, "sudo", "[ \"$1\" = -n ] && shift && exec \"$@\"");

    [Fact]
    public async Task AScriptThatDidNotArriveWholeIsNotRun()
    {
        var commands = new NodeCommands(PathOf("state"));
        var text = $"#!/bin/sh\ntouch {PathOf("canary")}\nexit 0\n";
        var script = new NodeScript(ScriptRole.Worker, false, new KubeVersion(1, 34, 7), text, "https://pkgs.k8s.io/core:/stable:", [], [], null);

        foreach (var command in new[] { commands.Start(script), commands.Hook(text) })
        {
            var exit = await RunAsync(command with { Input = command.Input![..^7] });

            exit.ExitCode.ShouldBe(1);
            (exit.Error + Encoding.UTF8.GetString(exit.Output)).ShouldContain("the script did not arrive whole; it was not run");
            File.Exists(PathOf("canary")).ShouldBeFalse();
        }

        Directory.GetFiles(PathOf("state/scripts")).ShouldBeEmpty();
    }

    [Fact]
    public async Task WhatIsKeptOnTheNodeIsForRootAlone()
    {
        await RunAsync(new NodeCommands(PathOf("state")).Hook("#!/bin/sh\n"));

        File.GetUnixFileMode(PathOf("state")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.GetUnixFileMode(Directory.GetFiles(PathOf("state/scripts")).Single()).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [Fact]
    public async Task WhereThereIsNoKubernetesSourceThereAreNoReleases()
    {
        Assert.SkipWhen(File.Exists("/etc/apt/sources.list.d/kubernetes.list"), "this machine has a Kubernetes package source");
        Stand.In(_directory.FullName, "apt-get", "exit 9");
        Stand.In(_directory.FullName, "apt-mark", "exit 9");
        Stand.In(_directory.FullName, "apt-cache", "exit 9");
        Stand.In(_directory.FullName, "dpkg-query", "exit 9");

        var exit = await RunAsync(NodeCommands.Available);

        exit.ExitCode.ShouldBe(0);
        NodeAnswers.Releases(Encoding.UTF8.GetString(RemoteAnswer.Read(exit.Output).Output)).ShouldBeEmpty();
    }

    [Fact]
    public async Task ANodeWithoutAptIsSaidToBeOne()
    {
        Assert.SkipUnless(Environment.UserName == "root", "to hide a program takes root");
        var command = new NodeCommands(PathOf("state")).Inspect;

        var exit = await ChildProcess.RunAsync(
            new ProcessStartInfo("unshare", ["--mount", "sh", "-c", "mount --bind /dev/null /usr/bin/apt-get; exec sh -c \"$1\"", "sh", command.Line]) { Environment = { ["PATH"] = Path() } },
            null,
            TestContext.Current.CancellationToken);

        exit.ExitCode.ShouldBe(1);
        exit.Error.ShouldContain("apt-get is not on this node; only Debian and Ubuntu nodes can be upgraded");
    }

    [Theory]
    [InlineData("mkdir state; chown 1234 state")]
    [InlineData("mkdir elsewhere; ln -s elsewhere state")]
    public async Task NothingIsPutWhereAnotherUserMayHaveMadeThePlace(string made)
    {
        Assert.SkipUnless(Environment.UserName == "root", "to make what is another user's takes root");
        await ChildProcess.RunAsync(new ProcessStartInfo("sh", ["-c", made]) { WorkingDirectory = _directory.FullName }, null, TestContext.Current.CancellationToken);

        var exit = await RunAsync(new NodeCommands(PathOf("state")).Hook($"#!/bin/sh\ntouch {PathOf("canary")}\n"));

        Encoding.UTF8.GetString(exit.Output).ShouldContain("is not a directory of root's own");
        File.Exists(PathOf("canary")).ShouldBeFalse();
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private string PathOf(string name) => System.IO.Path.Combine(_directory.FullName, name);

    private string Path() => _directory.FullName + ":/usr/sbin:/usr/bin:/bin";

    private Task<ChildExit> RunAsync(NodeCommand command) => ChildProcess.RunAsync(
        new ProcessStartInfo("/bin/sh", ["-c", command.Line]) { Environment = { ["PATH"] = Path() } },
        command.Input,
        TestContext.Current.CancellationToken);
}
