using System.Net;
using System.Text.Json.Nodes;
using Stepper.Cluster.Versions;
using Stepper.Simulation;
using Stepper.Simulation.Api;
using Stepper.Simulation.Nodes;
using Stepper.Simulation.Shapes;

namespace Stepper.Scenarios.Tests.Detections;

/// <summary>For every answer that a detection can come to, all that <c>stepper detect --dry-run</c> prints: in Golden/, to be read like code. It does none of it.</summary>
public sealed class DryRuns : ScenarioTests
{
    private const string InFlight = "viktorbarzin.me/k8s-upgrade-in-flight";
    private static readonly DateTimeOffset LongAgo = new(2026, 9, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly KubeVersion Newest = new(1, 34, 7);

    private static readonly Dictionary<string, Case> Cases = new(StringComparer.Ordinal)
    {
        ["patch"] = new(),
        ["minor"] = new(Shape(Newest, Newest, new(1, 35, 0), new(1, 35, 1))),
        ["at-the-newest"] = new(Shape(Newest, Newest)),
        ["minor-switched-off"] = new(Shape(Newest, Newest, new(1, 35, 1)), "detection: {allowMinor: false}"),
        ["minor-after-the-last-wanted"] = new(Shape(Newest, Newest, new(1, 35, 1)), "detection: {maxMinor: 1.34}"),
        ["too-young"] = new(Settings: "detection: {minimumAge: 72h}", Before: chain => chain.Cluster.Packages.Offer(Newest, chain.Now.AddHours(-30))),
        ["too-young-with-an-older-one"] = new(
            Shape(new(1, 34, 2), new(1, 34, 5), Newest), "detection: {minimumAge: 72h}", chain => chain.Cluster.Packages.Offer(Newest, chain.Now.AddHours(-30))),
        ["of-unknown-age"] = new(Settings: "detection: {minimumAge: 72h}", Before: chain => Answer(chain, ".deb", _ => new HttpResponseMessage { Content = new ByteArrayContent([]) })),
        ["skipped"] = new(Settings: "detection: {skip: [1.34.7], allowMinor: false}"),
        ["half-way"] = new(Shape(new(1, 34, 2), Newest, new(1, 34, 8)).Change("k8s-master", node => node with { Version = Newest })),
        ["too-far-apart"] = new(Shape(new(1, 33, 4)).Change("k8s-master", node => node with { Version = new(1, 35, 1) }), ExitCode: 1),
        ["node-refuses"] = new(Before: chain => chain.Cluster.Node("k8s-master").Ssh = SshState.Refused, ExitCode: 1),
        ["repository-away"] = new(Shape(Newest, Newest), Before: chain => chain.Cluster.Packages.IsAway = true, ExitCode: 1),
        ["repository-that-is-none"] = new(Shape(Newest, Newest), Before: chain => Answer(chain, "", _ => new HttpResponseMessage(HttpStatusCode.NotFound) { Content = new StringContent("") }), ExitCode: 1),
        ["sign-in-page"] = new(Shape(Newest, Newest), Before: chain => Answer(chain, "", _ => Page()), ExitCode: 1),
        ["sign-in-elsewhere"] = new(Shape(Newest, Newest), Before: chain => Answer(chain, "/Release", _ => SignIn()), ExitCode: 1),
        ["pre-releases-only"] = new(
            Shape(Newest, Newest, new(1, 35, 0)), Before: chain => Answer(chain, "v1.35/deb/Packages", _ => Index("Package: kubeadm\nVersion: 1.35.0~rc.1-1.1\nFilename: a\n\n")), ExitCode: 1),
        ["kill-switch"] = new(Before: chain => chain.PullTheBrake("backup restore under way")),
        ["run-active"] = new(Before: chain =>
        {
            Record(chain, "2026-11-22T09:00:00Z", progress: "2026-11-22T11:00:00Z");
            Plant(chain, "2026-11-22T09:00:00Z");
        }),
        ["run-between-two-jobs"] = new(Before: chain => Record(chain, "2026-11-22T09:00:00Z", progress: "2026-11-22T11:51:00Z")),
        ["run-stopped"] = new(Before: chain => Record(chain, "2026-11-21T12:00:00Z", progress: "2026-11-21T15:00:00Z")),
        ["run-parked-in-the-shut-window"] = new(
            Settings: "window: {open: ['Sat 02:00-06:00']}", Before: chain => Record(chain, "2026-11-21T05:00:00Z", "2026-11-21T06:00:10Z", parkedUntil: "2026-11-28T02:00:00Z")),
        ["run-parked-in-the-open-window"] = new(Before: chain => Record(chain, "2026-11-21T05:00:00Z", "2026-11-21T06:00:10Z", parkedUntil: "2026-11-22T11:00:00Z")),
        ["run-stopped-in-the-shut-window"] = new(
            Settings: "window: {open: ['Sat 02:00-06:00']}", Before: chain => Record(chain, "2026-11-21T05:00:00Z", "2026-11-21T05:30:00Z")),
        ["only-the-record-left"] = new(Shape(Newest, Newest), Before: chain => Record(chain, "2026-11-21T12:00:00Z", progress: "2026-11-21T15:00:00Z")),
        ["preflight-at-work"] = new(Before: chain => Plant(chain, "2026-11-22T11:59:00Z")),
        ["record-that-is-none"] = new(Before: chain => Annotate(chain, InFlight, "yesterday"), ExitCode: 1),
    };

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void WhatItPrintsIsInItsFileAndItWritesNothing(string name)
    {
        var (shape, settings, before, exitCode) = Cases[name];
        var chain = Begin(shape, settings);
        before?.Invoke(chain);
        var writes = new List<string>();
        chain.Cluster.Api.Requested += call => writes.AddRange(call.User == ApiUser.Admin.Name && call.Verb is not ("get" or "list" or "watch") ? [$"{call}"] : []);
        var (from, told) = (chain.Story.Count, chain.Messages.Count);

        chain.ByHand("detect", "--dry-run").ShouldBe(exitCode, chain.Telling());

        var printed = string.Concat(chain.Story.Skip(from).Where(line => line.Who == "detect").Select(line => line.Text + "\n"));
        printed.ShouldBe(File.ReadAllText($"Detections/Golden/{name}.txt"));
        writes.ShouldBeEmpty();
        chain.Messages.Count.ShouldBe(told);
        (chain.Cluster.Pushgateway.Value("k8s-version-check", "k8s_version_check_last_run_timestamp") is null).ShouldBe(exitCode != 0);
    }

    [Fact]
    public void ALostPodAndTheRunItHoldsUpAreToldTogether()
    {
        var chain = Begin();
        chain.Start();
        chain.RunUntilSaid("k8s-node4 cordoned");
        chain.Cluster.KillNode("k8s-node1");
        chain.Pass(TimeSpan.FromMinutes(30));
        var pods = chain.Cluster.Store.List(Kinds.Pod, Scenario.Namespace).Count();

        chain.ByHand("detect", "--dry-run").ShouldBe(0, chain.Telling());

        chain.Line("is lost: its host k8s-node1 is gone or not Ready").Text.ShouldEndWith("It would be deleted, with its Job");
        chain.Story[^1].Text.ShouldBe("the run 1.34.7/2026-11-22T12:00:00Z has stopped; it would be taken up again");
        chain.Cluster.Store.List(Kinds.Pod, Scenario.Namespace).Count().ShouldBe(pods);
    }

    [Theory]
    [InlineData("sign-in-page")]
    [InlineData("repository-that-is-none")]
    [InlineData("repository-away")]
    public void WhereItIsNotDryAWrongAnswerFailsItsJobAndIsTold(string name)
    {
        var (shape, settings, before, _) = Cases[name];
        var chain = Begin(shape, settings);
        before!(chain);

        chain.Detect();

        chain.HasFailed("k8s-version-check-1").ShouldBeTrue(chain.Telling());
        chain.Messages.ShouldHaveSingleItem().ShouldContain("https://pkgs.k8s.io/core:/stable:/v1.35/deb/");
        chain.Said("nothing to upgrade to").ShouldBeFalse();
        chain.Cluster.Pushgateway.Groups.Keys.ShouldNotContain("job=\"k8s-version-check\"");
        chain.Jobs.ShouldBeEmpty();
    }

    private static ClusterShape Shape(KubeVersion running, params KubeVersion[] offered) => ClusterShapes.Of(1, 2, running, offered);

    private static void Record(Scenario chain, string start, string progress, string? parkedUntil = null)
    {
        Annotate(chain, InFlight, start);
        Annotate(chain, "viktorbarzin.me/k8s-upgrade-target", "1.34.7");
        Annotate(chain, "viktorbarzin.me/k8s-upgrade-progress", progress);
        if (parkedUntil is not null)
        {
            Annotate(chain, "viktorbarzin.me/k8s-upgrade-parked-until", parkedUntil);
        }
    }

    private static void Annotate(Scenario chain, string name, string value) =>
        chain.Cluster.Registry.Change(Kinds.Namespace, null, Scenario.Namespace, ns => ns["metadata"]!.AsObject().Child("annotations")[name] = value);

    private static JsonObject Plant(Scenario chain, string start)
    {
        var job = Workloads.Job(Scenario.Namespace, "k8s-upgrade-preflight-1-34-7", "registry.local/old:1", spec => spec["suspend"] = true);
        job["metadata"]!["labels"] = new JsonObject { ["app"] = "k8s-upgrade-chain", ["phase"] = "preflight", ["target-version"] = "1-34-7" };
        job["metadata"]!["annotations"] = new JsonObject { ["viktorbarzin.me/k8s-upgrade-run"] = $"1.34.7/{start}" };
        return chain.Cluster.Create(job);
    }

    private static void Answer(Scenario chain, string end, Func<HttpRequestMessage, HttpResponseMessage> answer) =>
        chain.Cluster.Packages.Instead = request => request.RequestUri!.AbsolutePath.EndsWith(end, StringComparison.Ordinal) ? answer(request) : null;

    private static HttpResponseMessage Page() => Index("<!DOCTYPE html>\n<html><title>Sign in</title></html>\n");

    private static HttpResponseMessage Index(string text) => new() { Content = new StringContent(text) };

    private static HttpResponseMessage SignIn()
    {
        var answer = new HttpResponseMessage(HttpStatusCode.Redirect) { Content = new StringContent("") };
        answer.Headers.Location = new Uri("http://proxy.example.com/sign-in?from=1");
        return answer;
    }

    private sealed record Case(ClusterShape? Shape = null, string? Settings = null, Action<Scenario>? Before = null, int ExitCode = 0);
}
