using System.Diagnostics;
using System.Text;
using Stepper.Cluster.NodeShell;

namespace Stepper.Cluster.Tests.NodeShell;

/// <summary>A remote line is given to a real <c>sh</c>, as sshd gives it to a login shell; <c>sudo</c> is a stand-in that runs what it is given.</summary>
public sealed class RemoteLineTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("stepper-test-");

    public RemoteLineTests() => Stand.In(_directory.FullName, "sudo", "[ \"$1\" = -n ] && shift && exec \"$@\"");

    public static TheoryData<string> Hostile =>
    [
        "$(touch canary)", "`touch canary`", "'; touch canary; '", "\"; touch canary; \"", "a\ntouch canary\n", "-n", "--", "-oProxyCommand=touch canary", "",
        "a b", "*", "~", "\\", "'\\''", "!!", "&& touch canary", "| touch canary", "> canary", "${IFS}", "# no", "ü€",
    ];

    [Theory]
    [MemberData(nameof(Hostile))]
    public async Task AnyValueArrivesAsOneWord(string value)
    {
        var line = RemoteLine.Of("printf '%s|' \"$#\" \"$@\"", "first", value, "last");

        var exit = await ChildProcess.RunAsync(Shell(line), null, TestContext.Current.CancellationToken);

        Encoding.UTF8.GetString(exit.Output).ShouldBe($"3|first|{value}|last|");
        File.Exists(Path.Combine(_directory.FullName, "canary")).ShouldBeFalse();
    }

    [Fact]
    public void ANulIsRefused() => Should.Throw<ArgumentException>(() => RemoteLine.Quoted("a\0b"));

    public void Dispose() => _directory.Delete(recursive: true);

    private ProcessStartInfo Shell(string line) => new("/bin/sh", ["-c", line])
    {
        WorkingDirectory = _directory.FullName,
        Environment = { ["PATH"] = _directory.FullName + ":/usr/bin:/bin" },
    };
}
