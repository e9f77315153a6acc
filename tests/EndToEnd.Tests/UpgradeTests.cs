namespace Stepper.EndToEnd.Tests;

/// <summary>What is so in each scenario, however it ends.</summary>
public abstract class UpgradeTests<TCluster> : IClassFixture<TCluster>
    where TCluster : UpgradedCluster
{
    /// <param name="cluster">Played to its end.</param>
    protected UpgradeTests(TCluster cluster)
    {
        Assert.SkipWhen(cluster.Missing.Length > 0, cluster.Missing);
        Cluster = cluster;
    }

    protected TCluster Cluster { get; }

    [Fact]
    public void NoPromiseWasBroken() => Cluster.Look(cluster => cluster.Invariants.Violations.Select(violation => $"{violation}").ToList()).ShouldBeEmpty(Cluster.Story);

    [Fact]
    public void NoSecretIsInALog()
    {
        var key = Cluster.Lab.PrivateKey.Split('\n')[1];

        Cluster.Containers.ShouldAllBe(container => !container.Log.Contains(key) && !container.Log.Contains("/services/T0/B0/secret") && !container.Log.Contains("token-of-"));
    }

    [Fact]
    public void TheWebhookWasToldWhatSlackWas() =>
        Cluster.Webhook.Select(body => $"[{body["from"]}] {body["text"]}".Replace("&", "&amp;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal)).ShouldBe(Cluster.Slack);
}
