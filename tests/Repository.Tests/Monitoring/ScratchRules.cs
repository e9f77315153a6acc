namespace Stepper.Repository.Tests.Monitoring;

/// <summary>A copy of a rule and of its tests, where it may be changed.</summary>
internal sealed class ScratchRules : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("stepper-rules-").FullName;
    private readonly AlertRule _rule;

    public ScratchRules(AlertRule rule)
    {
        _rule = rule;
        Directory.CreateDirectory(Path.Combine(_directory, "tests"));
        File.Copy(WorkTree.PathOf(rule.TestFile), TestFile);
    }

    private string TestFile => Path.Combine(_directory, "tests", "tests.yaml");

    /// <summary>Whether the rule's tests fail when its lines are these.</summary>
    public async Task<bool> FailsAsync(string text)
    {
        await File.WriteAllTextAsync(Path.Combine(_directory, "alerts.yaml"), _rule.FileWith(text));
        var (exitCode, said) = await Promtool.RunAsync("test", "rules", TestFile);
        // And not because what was changed is no rule any more.
        (exitCode == 0 || said.Contains("alertname: ", StringComparison.Ordinal)).ShouldBeTrue(said + text);
        return exitCode != 0;
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}
