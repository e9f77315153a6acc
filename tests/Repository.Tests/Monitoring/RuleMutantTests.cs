namespace Stepper.Repository.Tests.Monitoring;

/// <summary>That the rules' tests can fail: whatever is changed in a rule, its own tests notice.</summary>
public sealed class RuleMutantTests
{
    public static TheoryData<string> Alerts => [.. AlertRule.Names];

    [Theory]
    [MemberData(nameof(Alerts))]
    public async Task ARuleThatIsChangedFailsItsTests(string alert)
    {
        var rule = AlertRule.Named(alert);
        using var scratch = new ScratchRules(rule);
        (await scratch.FailsAsync(rule.Text)).ShouldBeFalse("the rule as it is, alone in its file");

        var unnoticed = new List<string>();
        var mutants = RuleMutants.Of(rule).ToList();
        foreach (var mutant in mutants)
        {
            if (!await scratch.FailsAsync(mutant.Text))
            {
                unnoticed.Add(mutant.What);
            }
        }

        mutants.Count.ShouldBeGreaterThanOrEqualTo(3);
        unnoticed.ShouldBeEmpty();
    }
}
