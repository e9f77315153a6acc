using System.Text;
using Stepper.Cluster.NodeShell;

namespace Stepper.Cluster.Tests.NodeShell;

public sealed class RemoteAnswerTests
{
    private static string Begin => $"stepper-begin {RemoteLine.Mark}\n";

    [Fact]
    public void WhatIsPrintedAroundAProgramIsNoAnswer()
    {
        var answer = Read($"Welcome to node3!\nstepper-begin\nclock 9\n{Begin}clock 1\n{End(3)}Goodbye!\nstepper-end 0\n");

        Encoding.UTF8.GetString(answer.Output).ShouldBe("clock 1\n");
        answer.ExitCode.ShouldBe(3);
    }

    [Fact]
    public void AProgramThatNeverBeganHasNoAnswer()
    {
        var answer = Read("sudo: a password is required\n");

        answer.HasBegun.ShouldBeFalse();
        answer.ExitCode.ShouldBeNull();
    }

    [Theory]
    [InlineData("clock 1\nfree")]
    [InlineData("clock 1\n\nstepper-end ")]
    public void AnAnswerThatWasCutIsNone(string body)
    {
        var answer = Read(Begin + body);

        answer.HasBegun.ShouldBeTrue();
        answer.ExitCode.ShouldBeNull();
        answer.Output.ShouldBeEmpty();
    }

    [Fact]
    public void BytesArriveAsTheyAre() =>
        RemoteAnswer.Read([.. Encoding.ASCII.GetBytes(Begin), 0xFF, 0x00, 0x0A, 0xC3, .. Encoding.ASCII.GetBytes(End(0))]).Output.ShouldBe([0xFF, 0x00, 0x0A, 0xC3]);

    private static string End(int code) => $"\nstepper-end {RemoteLine.Mark} {code}\n";

    private static RemoteAnswer Read(string output) => RemoteAnswer.Read(Encoding.UTF8.GetBytes(output));
}
