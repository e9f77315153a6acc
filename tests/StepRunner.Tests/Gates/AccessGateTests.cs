using System.Text.Json.Nodes;
using Stepper.Cluster.Kubernetes;
using Stepper.Simulation;
using Stepper.Simulation.Api;
using Stepper.StepRunner.Gates;
using Stepper.StepRunner.Settings;

namespace Stepper.StepRunner.Tests.Gates;

public sealed class AccessGateTests
{
    // With what settings alone ask for; of a hook there is none, for a rule that is missing.
    private static readonly StepperSettings Settings = new() { Quiesce = [new ObjectName("default", "web")] };

    private readonly TestCluster _cluster = new(settings: "quiesce: [default/web]\n");

    [Fact]
    public void TheShippedRulesAllowAllThatIsAsked() => Ask().ShouldBe(Verdict.Holds);

    [Fact]
    public void NothingIsChangedByAsking()
    {
        Ask();

        _cluster.Writes.Distinct().ShouldBe(["post /apis/authorization.k8s.io/v1/selfsubjectaccessreviews"]);
    }

    // Both ways: what is granted is asked for, so that the rules hold nothing that nobody needs; and without it the gate says no.
    [Fact]
    public void EachGrantThatIsTakenAwayIsMissedByItsName()
    {
        var grants = Roles().SelectMany(role => Grants(role.Body).Select(grant => (role.Kind, role.Body, grant))).ToList();
        grants.Count.ShouldBeGreaterThan(30);
        foreach (var (kind, role, (rule, verb, resource)) in grants)
        {
            Change(kind, role, changed => Take(changed[rule]!.AsObject(), verb, resource));

            var verdict = Ask();

            Change(kind, role, changed =>
            {
                changed.Clear();
                role["rules"]!.AsArray().ToList().ForEach(each => changed.Add(each!.DeepClone()));
            });
            verdict.Findings.ShouldHaveSingleItem($"{verb} {resource} of {role.Name()} is asked for by nobody").Seen.ShouldMatch($"^not allowed to {verb} {resource}");
            verdict.Kind.ShouldBe(VerdictKind.Aborts);
        }
    }

    [Fact]
    public void SeveralVerbsOnTheSameAreOneFindingAndItsCommandCanBeRun()
    {
        Change(Kinds.ClusterRole, Roles()[0].Body, rules => rules.RemoveAt(0));

        var finding = Ask().Findings.ShouldHaveSingleItem();

        finding.Seen.ShouldBe("not allowed to get, list, watch, patch nodes; apply the installation's RBAC again");
        finding.Show.ShouldBe("kubectl auth can-i get nodes --as=system:serviceaccount:k8s-upgrade:k8s-upgrade-job");
    }

    [Fact]
    public void AHookThatWasSetAfterTheInstallationIsMissedByItsName()
    {
        var verdict = Ask(Settings with { AfterControlPlane = [new ConfigMapKey("tools", "after", "run.sh")] });

        verdict.ShouldAbort("not allowed to get configmaps after in tools; apply the installation's RBAC again");
        verdict.Findings[0].Show.ShouldBe("kubectl auth can-i get configmaps/after --namespace tools --as=system:serviceaccount:k8s-upgrade:k8s-upgrade-job");
    }

    [Fact]
    public void WithoutASnapshotNothingOfItsIsAskedFor() =>
        NeededAccess.Of(new StepperSettings { Snapshot = new SnapshotSettings { Mode = SnapshotMode.None } }).ShouldAllBe(access => access.Resource != "pods/log" && access.Name != "backup-etcd");

    [Fact]
    public void AnAnswerThatDoesNotComeIsANo()
    {
        _cluster.Sim.Api.Faults.Answer(call => call.Resource.EndsWith("selfsubjectaccessreviews", StringComparison.Ordinal), System.Net.HttpStatusCode.Forbidden, "Forbidden", "no", times: 1);

        Ask().Reason.ShouldStartWith("can't tell (waiting for every API call of the chain to be allowed): ");
    }

    private Verdict Ask(StepperSettings? settings = null) => _cluster.Ask(new AccessGate(AsItsAccount(), NeededAccess.Of(settings ?? Settings), NeededAccess.Account(Settings)));

    private KubeApi AsItsAccount() => new(
        new HttpClient(_cluster.Sim.Network(_cluster.Sim.TokenOf("k8s-upgrade", "k8s-upgrade-job"))) { BaseAddress = new Uri("https://kubernetes.default.svc/"), Timeout = Timeout.InfiniteTimeSpan },
        _cluster.Wait,
        _cluster.Said.Add);

    private List<(ResourceKind Kind, JsonObject Body)> Roles() =>
        [.. new[] { Kinds.ClusterRole, Kinds.Role }.SelectMany(kind => _cluster.Sim.Store.List(kind).Where(role => role.Name().StartsWith("k8s-upgrade", StringComparison.Ordinal)).Select(role => (kind, role.DeepClone().AsObject())))];

    // Health may be asked by everybody.
    private static IEnumerable<(int Rule, string Verb, string Resource)> Grants(JsonObject role) =>
        from rule in role["rules"]!.AsArray().Select((body, index) => (body, index))
        from resource in Words(rule.body!, "resources")
        from verb in Words(rule.body!, "verbs")
        select (rule.index, verb, resource);

    private static IEnumerable<string> Words(JsonNode rule, string field) => rule[field] is JsonArray words ? words.Select(word => (string)word!) : [];

    private void Change(ResourceKind kind, JsonObject role, Action<JsonArray> change) => _cluster.Sim.Registry.Change(
        kind, role["metadata"]!["namespace"] is { } ns ? (string?)ns : null, role.Name(), changed => change(changed["rules"]!.AsArray()));

    // The rule without it, and beside it what else the rule grants on the other resources.
    private static void Take(JsonObject rule, string verb, string resource)
    {
        var rest = rule.DeepClone().AsObject();
        rest["verbs"] = new JsonArray([.. Words(rule, "verbs").Where(word => word != verb).Select(word => JsonValue.Create(word))]);
        rest["resources"] = new JsonArray(resource);
        rule["resources"] = new JsonArray([.. Words(rule, "resources").Where(word => word != resource).Select(word => JsonValue.Create(word))]);
        ((JsonArray)rule.Parent!).Add(rest);
    }
}
