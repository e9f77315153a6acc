namespace Stepper.StepRunner.Tests;

public sealed class RunTests
{
    [Fact]
    public void ARunIsReadFromWhatItWrites()
    {
        var run = Run.Beginning(Given.Target, new DateTimeOffset(2026, 11, 22, 13, 7, 9, 731, TimeSpan.FromHours(1)));

        run.ToString().ShouldBe("1.34.7/2026-11-22T12:07:09Z");
        Run.Read(run.ToString()).ShouldBe(run);
        Run.Read("1.34.7", run.StartText).ShouldBe(run);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("1.34.7")]
    [InlineData("1.34/2026-11-22T12:00:00Z")]
    [InlineData("1.34.7/2026-11-22")]
    [InlineData("1.34.7/2026-11-22T12:00:00+01:00")]
    [InlineData("1.34.7/2026-11-22T12:00:00Z/again")]
    public void WhatIsNoRunIsNotRead(string? text) => Run.Read(text).ShouldBeNull();

    [Fact]
    public void HalfOfARunIsNone()
    {
        Run.Read("1.34.7", null).ShouldBeNull();
        Run.Read(null, "2026-11-22T12:00:00Z").ShouldBeNull();
    }
}
