using Stepper.Cluster.NodeShell;
using Stepper.Cluster.Versions;

namespace Stepper.Cluster.Tests.NodeShell;

/// <summary>What other machines' sshd, login shells and sudo do; each answer is told apart, and none of their talk is taken for a fact.</summary>
public sealed class ForeignSshdTests : IClassFixture<ForeignSshd>
{
    private static readonly NodeTarget Node = new("node3", "127.0.0.1");
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    private readonly ForeignSshd _foreign;

    public ForeignSshdTests(ForeignSshd foreign)
    {
        Assert.SkipWhen(foreign.Sshd.Missing.Length > 0, foreign.Sshd.Missing);
        _foreign = foreign;
    }

    [Theory]
    [InlineData("noisy")]
    [InlineData("narrow")]
    [InlineData("dash")]
    [InlineData("csh")]
    [InlineData("fish")]
    [InlineData("wrapped")]
    [InlineData("single")]
    public async Task WhateverTheLoginShellAProgramsOutputAndEndAreItsOwn(string user)
    {
        await using var shell = _foreign.ShellOf(user);

        var hook = await shell.RunHookAsync(Node, "#!/bin/sh\nprintf 'a\\nno newline'; exit 3\n", Ct);
        var run = await shell.StartScriptAsync(
            Node, new NodeScript(ScriptRole.Worker, false, new KubeVersion(1, 34, 7), "#!/bin/sh\necho it ran; exit 4\n", "https://pkgs.k8s.io/core:/stable:", [], [], null), Ct);
        var progress = await shell.FollowScriptAsync(Node, run, 0, Ct);

        hook.ShouldBe(new CommandResult(3, "a\nno newline"));
        progress.Text.ShouldBe("it ran\n");
    }

    [Fact]
    public async Task TheToolsOfAnAdministratorAreFoundAndFilesAreReadable()
    {
        await using var shell = _foreign.ShellOf("narrow");

        (await shell.RunHookAsync(Node, "#!/bin/sh\numask; command -v ldconfig >/dev/null && echo found; echo $LC_ALL\n", Ct)).Output.ShouldBe("0022\nfound\nC.UTF-8\n");
    }

    [Fact]
    public async Task AnSshdThatAllowsOneSessionIsConnectedToForEachCommand()
    {
        await using var shell = _foreign.ShellOf("single");

        var results = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => shell.RunHookAsync(Node, "#!/bin/sh\nsleep 0.3; echo done\n", Ct)));

        results.ShouldAllBe(result => result.Output == "done\n");
    }

    [Theory]
    [InlineData("nologin", "did not run what it was given")]
    [InlineData("sftp", "did not run what it was given")]
    [InlineData("expired", "the password or the account has expired")]
    [InlineData("tty", "!requiretty")]
    [InlineData("barred", "barred ALL=(ALL) NOPASSWD: ALL")]
    [InlineData("none", "Install Debian's package sudo")]
    public async Task WhoMayNotBecomeRootIsToldWhy(string user, string why)
    {
        await using var shell = _foreign.ShellOf(user);

        var refusal = await RefusalAsync(() => shell.InspectAsync(Node, Ct));

        refusal.MayPass.ShouldBeFalse();
        refusal.Message.ShouldContain(why);
        refusal.Message.Length.ShouldBeLessThan(700);
    }

    [Fact]
    public async Task ANodeMayHaveAnAddressOfTheNewerKind()
    {
        await using var shell = _foreign.ShellOf("dash");

        (await shell.RunHookAsync(new NodeTarget("node3", "::1"), "#!/bin/sh\nexit 0\n", Ct)).ExitCode.ShouldBe(0);
    }

    private static async Task<ShellException> RefusalAsync(Func<Task> action)
    {
        try
        {
            await action();
        }
        catch (ShellException e)
        {
            return e;
        }

        throw new InvalidOperationException("It was not refused.");
    }
}
