using Stepper.StepRunner.Settings;

namespace Stepper.StepRunner.Tests.Settings;

public sealed class DurationTests
{
    [Theory]
    [InlineData("30m", 1800)]
    [InlineData("24h", 86400)]
    [InlineData("90s", 90)]
    [InlineData("1h30m", 5400)]
    [InlineData("1h0m5s", 3605)]
    [InlineData("0", 0)]
    public void ALengthOfTimeIsRead(string text, int seconds)
    {
        Duration.TryParse(text, out var length).ShouldBeTrue();

        length.ShouldBe(TimeSpan.FromSeconds(seconds));
    }

    [Theory]
    [InlineData("")]
    [InlineData("30")]
    [InlineData("-5m")]
    [InlineData("5 m")]
    [InlineData("1.5h")]
    [InlineData("30m1h")]
    [InlineData("2d")]
    [InlineData("1001h")]
    [InlineData("30m\n")]
    public void WhatIsNoLengthOfTimeIsNotRead(string text) => Duration.TryParse(text, out _).ShouldBeFalse();
}
