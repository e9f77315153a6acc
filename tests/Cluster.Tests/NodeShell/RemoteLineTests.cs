using System.Diagnostics;
using System.Text;
using Stepper.Cluster.NodeShell;

namespace Stepper.Cluster.Tests.NodeShell;

/// <summary>A remote line is given to real shells, as sshd gives it to a login shell; <c>sudo</c> is a stand-in that runs what it is given.</summary>
public sealed class RemoteLineTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("stepper-test-");

    public RemoteLineTests() => Stand.In(_directory.FullName, "sudo", "[ \"$1\" = -n ] && shift && exec \"$@\"");

    private static readonly string[] Hostile =
    [
        "$(touch canary)", "`touch canary`", "'; touch canary; '", "\"; touch canary; \"", "a\ntouch canary\n", "-n", "--", "-oProxyCommand=touch canary", "",
        "a b", "*", "~", "\\", "'\\''", "!!", "&& touch canary", "| touch canary", "> canary", "${IFS}", "# no", "ü€",
    ];

    [Theory]
    [InlineData("dash")]
    [InlineData("bash")]
    [InlineData("tcsh")]
    [InlineData("fish")]
    public async Task WhateverTheLoginShellEachValueArrivesAsOneWord(string shell)
    {
        Assert.SkipUnless(File.Exists($"/usr/bin/{shell}"), $"{shell} is not installed (tests/install.sh)");
        var line = RemoteLine.Of("test", "shift; printf '%s|' \"$#\" \"$@\"\nprintf '%s' '!! \\\\'", Hostile);

        var exit = await ChildProcess.RunAsync(Shell(shell, line), null, TestContext.Current.CancellationToken);

        Encoding.UTF8.GetString(exit.Output).ShouldBe($"{Hostile.Length}|{string.Concat(Hostile.Select(value => value + "|"))}!! \\\\", exit.Error);
        File.Exists(Path.Combine(_directory.FullName, "canary")).ShouldBeFalse();
    }

    [Fact]
    public void ANulIsRefused() => Should.Throw<ArgumentException>(() => RemoteLine.Of("test", "true", "a\0b"));

    [Fact]
    public void WhatTheNodesLogOfSudoShowsIsTheProgramsName() => RemoteLine.Of("inspect", "true").ShouldContain(" stepper-inspect ");

    public void Dispose() => _directory.Delete(recursive: true);

    private ProcessStartInfo Shell(string shell, string line) => new($"/usr/bin/{shell}", ["-c", line])
    {
        WorkingDirectory = _directory.FullName,
        Environment = { ["PATH"] = _directory.FullName + ":/usr/bin:/bin" },
    };
}
