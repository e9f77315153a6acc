using Stepper.Cluster;
using Stepper.Cluster.Kubernetes;
using Stepper.Cluster.Messages;
using Stepper.Cluster.Monitoring;
using Stepper.Cluster.Nodes;
using Stepper.Cluster.Versions;
using Stepper.Cluster.Workloads;
using Stepper.Detection;
using Stepper.StepRunner.Drain;
using Stepper.StepRunner.Drain.Forecast;
using Stepper.StepRunner.Gates;
using Stepper.StepRunner.Gates.Compatibility;
using Stepper.StepRunner.Phases;
using Stepper.StepRunner.Phases.Parts;
using Stepper.StepRunner.Recovery;
using Stepper.StepRunner.Reporting;
using Stepper.StepRunner.Settings;
using Stepper.StepRunner.Spawning;
using Stepper.StepRunner.State;

namespace Stepper.StepRunner;

/// <summary>Which object gets which, written out. Nothing is found by reflection.</summary>
/// <param name="request">What the step was asked to do; null for a command that runs no step.</param>
internal sealed class Composition(Outside outside, StepperSettings settings, ShippedFiles files, Action<string> say, StepRequest? request = null)
{
    private Wait Wait { get; } = new(outside.Time);

    private KubeApi Api => field ??= new KubeApi(Client(outside.ApiServer), Wait, say);

    private NodeList Nodes => field ??= new NodeList(Api);

    private ChainJobs Jobs => field ??= new ChainJobs(Api, settings.Namespace, Names);

    private RunState State => field ??= new RunState(Api, settings.Namespace, Names, Wait);

    private ControlPlanePods ControlPlane => field ??= new ControlPlanePods(Api);

    private Messenger Messenger => field ??= new Messenger(
        files.SlackWebhook is { } address ? new Slack(Client(), address, Wait) : null,
        settings.WebhookUrl is { } url ? new Webhook(Client(), url, Wait) : null,
        say);

    private News News => field ??= new News(Api, settings.Namespace, Names, Messenger, say);

    private Gauges Gauges => field ??= new Gauges(new PushBoard(new Pushgateway(Client(), settings.PushgatewayUrl, Wait), Wait, say), Wait);

    private Spawner Spawner => field ??= new Spawner(
        Jobs, new StepJob(files.JobTemplate, settings.Namespace, Names, StepLimits.Of(settings)), new HostRoom(Api), Wait, say);

    /// <summary>Runs one step, from what was asked to its exit code.</summary>
    /// <exception cref="UsageException">The request does not fit the cluster.</exception>
    public async Task<int> RunStepAsync(StepRequest asked, CancellationToken ct)
    {
        ResolvedStep? resolved = null;
        var code = await OrAbortAsync(
            async () =>
            {
                resolved = await Resolver.ResolveAsync(asked, ct);
                return ExitCode.DoneOrRefused;
            },
            e => TellNotBegunAsync(asked, e, ct));
        return resolved is null ? code : await HostOf(resolved).RunAsync(resolved, ct);
    }

    /// <summary>One detection, from what was asked to its exit code.</summary>
    public Task<int> DetectAsync(bool dryRun, bool resumeOnly, CancellationToken ct) => OrAbortAsync(
        async () =>
        {
            await Detection.RunAsync(resumeOnly ? null : Policy, dryRun, ct);
            if (!dryRun)
            {
                await News.ForgetAbortAsync(ct);
            }

            return ExitCode.DoneOrRefused;
        },
        e => dryRun ? Task.CompletedTask : TellDetectionAsync(e.Message, ct));

    /// <summary>Tells that a detection came to nothing, if that is news.</summary>
    public async Task TellDetectionAsync(string reason, CancellationToken ct) =>
        await News.TellAbortAsync(reason, Card.Of(await NotBegunReader.ReadAsync(NotBegun.Detection, ownJob: null, ct)), ct);

    /// <summary>Tells that a pod's step was not begun.</summary>
    /// <param name="from">Who speaks.</param>
    /// <param name="ownJob">The uid of its Job; null where it is not known.</param>
    public async Task TellNotBegunAsync(string from, string reason, NotBegun what, string? ownJob, CancellationToken ct) =>
        await Messenger.SendAsync(from, $"ABORT: {AbortException.Sentence(reason)}\n{Card.Of(await NotBegunReader.ReadAsync(what, ownJob, ct))}", ct);

    // By hand it is on the screen, and wrong use says itself what is right; at the log of a pod nobody looks by himself.
    private async Task TellNotBegunAsync(StepRequest asked, Exception e, CancellationToken ct)
    {
        var what = NotBegun.Step(asked.Phase, asked.Node, asked.NodeName, mayTryAgain: asked.PodName is not null && e is SourceException);
        if (asked.PodName is not null)
        {
            await TellNotBegunAsync(Messenger.Speaker(asked.Phase, asked.Node), e.Message, what, asked.JobUid, ct);
        }
        else if (e is not UsageException)
        {
            say(Card.Of(await NotBegunReader.ReadAsync(what, ownJob: null, ct)));
        }
    }

    /// <summary>Asks the gates that a preflight would ask, and changes nothing.</summary>
    /// <param name="given">Null: the target of the run in flight, else what detection finds.</param>
    /// <param name="show">Gets the plan, if there is one.</param>
    /// <returns>The exit code.</returns>
    public Task<int> PlanAsync(KubeVersion? given, Action<Plan> show, CancellationToken ct) => OrAbortAsync(async () =>
    {
        if ((given ?? (await State.ReadAsync(ct)).InFlight?.Run.Target ?? await DetectedAsync(ct)) is not { } target)
        {
            return ExitCode.DoneOrRefused;
        }

        var plan = await PlanAsync(target, ct);
        show(plan);
        return plan.ExitCode;
    });

    private async Task<Plan> PlanAsync(KubeVersion target, CancellationToken ct)
    {
        var facts = await FactsAsync(target, ct);
        return new Plan(Running(facts), target, facts.Step.Kind, await Gates().AskAllAsync(facts, ct));
    }

    /// <summary>Shows how upgrades stand, and tells it where messages go. What can't be read is in it, and no failure.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> ReportAsync(Action<Report> show, CancellationToken ct)
    {
        var reader = new ReportReader(Api, settings.Namespace, Nodes, State, Jobs, token => Detector.DetectAsync(Policy, token), PlanAsync, NextMinorAsync, Wait);
        var report = new Report(await reader.ReadAsync(ct), Names, settings.Namespace);
        show(report);
        await Messenger.SendAsync(Report.Speaker, report.Letter, ct);
        return ExitCode.DoneOrRefused;
    }

    /// <summary>Asks the compatibility gate alone, and changes nothing.</summary>
    /// <param name="show">Gets what it came to.</param>
    /// <returns>The exit code.</returns>
    /// <exception cref="UsageException">The compatibility matrix can't be read, or kubeadm can't go there.</exception>
    public Task<int> GateAsync(KubeVersion target, Action<CompatibilityReport> show, CancellationToken ct) => OrAbortAsync(async () =>
    {
        if (files.Matrix.Problems.Count > 0)
        {
            throw new UsageException(files.Matrix.Problems);
        }

        var facts = await FactsAsync(target, ct);
        MustBeReachable(facts.Nodes, target);
        var report = await CompatibilityAsync(facts, ct);
        show(report);
        return ExitCode.Of(report.Readiness);
    });

    private async Task<CompatibilityReport> CompatibilityAsync(GateFacts facts, CancellationToken ct) =>
        new(Running(facts), facts.Step.Target, facts.Step.Kind, files.Matrix.Name, await CompatibilityGate.AskAsync(facts, ct));

    // Null where there is none to go to.
    private async Task<CompatibilityReport?> NextMinorAsync(KubeVersion running, CancellationToken ct) =>
        await Detector.NewestOfNextMinorAsync(running, Policy, ct) is { } next ? await CompatibilityAsync(await FactsAsync(next, ct), ct) : null;

    private async Task<GateFacts> FactsAsync(KubeVersion target, CancellationToken ct)
    {
        var live = await Nodes.ListAsync(ct);
        var kind = PhaseNames.KindOf(live.Min(node => node.Kubelet), target);
        return new GateFacts(new Step(PhaseName.Preflight, null, Run.Beginning(target, Wait.Now), kind, ""), live, await ControlPlane.ListAsync(ct));
    }

    private static void MustBeReachable(IReadOnlyList<ClusterNode> live, KubeVersion target)
    {
        if (VersionSkew.WhyNot(live.Min(node => node.Kubelet), target) is { } why)
        {
            throw new UsageException($"--target is {target}: {why}.");
        }
    }

    private static KubeVersion Running(GateFacts facts) => facts.Nodes.Min(node => node.Kubelet);

    private async Task<KubeVersion?> DetectedAsync(CancellationToken ct)
    {
        var choice = (await Detector.DetectAsync(Policy, ct)).Choice;
        say(choice.Target is null ? $"nothing to upgrade to: {choice.Reason}" : $"{choice.Target} is the target: {choice.Reason}");
        return choice.Target;
    }

    private Detector Detector => new(Api, outside.Shell, new PackageRepository(Client(), settings.Repository, Wait), Wait);

    private DetectionPolicy Policy => new(settings.Detection.AllowMinor, settings.Detection.MinimumAge, settings.Detection.Skip, settings.Detection.MaxMinor);

    private DetectionRun Detection => new(
        KillSwitch, new LostPods(Api, settings.Namespace, Nodes, Jobs, outside.Shell, Wait, say), State, Jobs, Nodes, Check, Quiesced,
        Detector, Window, Start, Gauges, Messenger, Wait, say);

    /// <summary>Begins a chain to a target, from what was asked to its exit code.</summary>
    /// <exception cref="UsageException">kubeadm can't go there.</exception>
    public Task<int> StartAsync(KubeVersion target, CancellationToken ct) => OrAbortAsync(async () =>
    {
        var live = await Nodes.ListAsync(ct);
        MustBeReachable(live, target);
        var (flight, all) = ((await State.ReadAsync(ct)).InFlight, await Jobs.ListAsync(ct));
        if (OneRunGate.WhyNot(flight, Run.Beginning(target, Wait.Now), all, Wait.Now) is { } other)
        {
            say($"not begun: {other}");
            return flight!.Run.Target == target && OneRunGate.ActiveJob(flight, all) is not null ? ExitCode.DoneOrRefused : ExitCode.Aborted;
        }

        await Start.BeginAsync(target, live, SpawnedBy.Operator, flight?.Run, flight is null ? "by hand" : $"by hand: the run {flight.Run} had stopped, and is taken up again", ct);
        return ExitCode.DoneOrRefused;
    });

    private ChainStart Start => new(Api, Spawner, new OwnImage(Api, settings.Namespace), Messenger, Wait, say);

    private StepResolver Resolver => new(Nodes, ControlPlane, Jobs, State, new OwnImage(Api, settings.Namespace), Wait, say);

    private RecoveryCard Card => field ??= new RecoveryCard(settings.Namespace, Names, settings.Ssh.User);

    private NotBegunReader NotBegunReader => field ??= new NotBegunReader(State, Jobs, Wait);

    private Annotations Names => field ??= new Annotations(settings.AnnotationPrefix);

    private StepMarks Marks => field ??= new StepMarks(Names, Wait, request?.PodName);

    private Cordons Cordons => field ??= new Cordons(Api, Nodes, Names, Marks);

    private Reach Reach => field ??= new Reach(Wait, say);

    private NodeCheck Check => field ??= new NodeCheck(outside.Shell, Reach, Nodes, ControlPlane, Cordons);

    private Quiesced Quiesced => field ??= new Quiesced(Api, settings.Quiesce, Names, say);

    private Window Window => field ??= new Window(settings.Window, Wait);

    private KillSwitchGate KillSwitch => field ??= new KillSwitchGate(Api, settings.Namespace);

    private Prometheus Prometheus => field ??= new Prometheus(Client(), settings.PrometheusUrl, Wait);

    private AlertGate Alerts => field ??= new AlertGate(Prometheus, settings.AlertmanagerUrl is { } url ? new Alertmanager(Client(), url, Wait) : null, new AlertPolicy(settings.Alerts), settings.Alerts);

    private Milestones Milestones => field ??= new Milestones(State, Gauges, new KubeEvents(Api, Wait, say), Wait, say);

    private AlertsHold AlertsHold => field ??= new AlertsHold(Alerts, Wait, settings.AlertWait, Milestones);

    private EtcdGate Etcd => field ??= new EtcdGate(outside.Shell, Wait);

    private CompatibilityGate CompatibilityGate => field ??= new CompatibilityGate(
        files.Matrix, new WorkloadReader(Api), new RequestedApis(Prometheus, Api), new KubeletCommandLines(outside.Shell, Wait), Api, Wait, settings.UnknownAddons, settings.Namespace);

    private EtcdSnapshot Snapshot => new(
        settings.Snapshot, new SnapshotByJob(Api, settings.Snapshot, Wait, say), new SnapshotBySsh(outside.Shell, Nodes, settings.Snapshot, Wait, say));

    private NodesAway Away => field ??= new NodesAway(Nodes, Cordons, Marks, Wait, settings.Workers.MaxUnavailable, settings.AlertWait, say);

    private DrainOptions DrainOptions => field ??= new DrainOptions(settings.Drain.Timeout, settings.Drain.GracePeriod, settings.Drain.Budgets, settings.Drain.Parallel)
    {
        OwnPod = request?.PodName is { } pod ? $"{settings.Namespace}/{pod}" : null,
    };

    private DaemonSets DaemonSets => field ??= new DaemonSets(Api);

    private ForecastReader Forecasts => field ??= new ForecastReader(Api, DaemonSets, DrainOptions.OwnPod);

    private DrainSurvey Survey => field ??= new DrainSurvey(Forecasts, Wait);

    private StepHost HostOf(ResolvedStep step) => new(
        PhaseOf(step.Step.Phase), State, Jobs, KillSwitch, new Leftovers(Nodes, Jobs, outside.Shell, Cordons, Marks, Quiesced, say), new Handover(Nodes, Check, Jobs, Spawner, Window, State, Gauges, say), Gauges,
        Milestones, Messenger, News, new StandingReader(Nodes, State, outside.Shell, Names, Marks, Wait, request?.NodeName), Card, settings.Namespace, Wait, say);

    private IPhase PhaseOf(PhaseName phase) => phase switch
    {
        PhaseName.Preflight => new PreflightPhase(
            ControlPlane, Gates(), State, Jobs, Snapshot, new NotReadyPods(Api),
            new NodesPrepared(outside.Shell, settings.RepositoryBase, Milestones, Wait, say), Gauges, Milestones, Wait),
        PhaseName.Master => new MasterPhase(
            Check, AlertsHold, new EtcdHolds(Etcd, Wait, Milestones), Away, Upgrade(), new ControlPlaneStands(Api), new Hooks(Api, outside.Shell, settings.AfterControlPlane, say), new Finished(Api, Names, Marks)),
        PhaseName.Worker => new WorkerPhase(
            ControlPlane, Check, AlertsHold, Away, new Foresight(Forecasts, Names, settings.Drain.Budgets, Messenger, Wait, say), Upgrade(),
            new Soak(Api, AlertsHold, new NodeLooks(Api, Names), Milestones, Wait, settings.Soak, settings.AlertWait, say)),
        PhaseName.Postflight => new PostflightPhase(
            Check, Quiesced, new PodReadiness(Prometheus, Api), AlertsHold, new SmokeTests(Api, Client(), request?.PodName is not null, Wait, say), State,
            new RunSummary(Names, Marks, new NotReadyPods(Api)), Gauges, Milestones),
        _ => throw new ArgumentOutOfRangeException(nameof(phase), phase, "No such phase."),
    };

    // The order is that in which they are told; the last ones cost, and are asked only when no other blocks.
    private GateList Gates() => new(
        [
            KillSwitch, new WindowGate(Window, settings.Namespace), new ClusterShapeGate(), new OneRunGate(State, Jobs, Wait), CompatibilityGate, new SkewGate(), new NodeHealthGate(Cordons), Alerts,
            new QuietGate(Marks, settings.QuietPeriod, Wait), new CapacityGate(Survey, settings.Capacity), new DrainForecastGate(Api, Survey, DrainOptions),
            new NodeSurveyGate(outside.Shell, settings.Ssh, settings.RepositoryBase, Wait), Etcd,
            new AccessGate(Api, NeededAccess.Of(settings), NeededAccess.Account(settings)),
        ],
        [new KubeadmPlanGate(outside.Shell, settings.Kubeadm.IgnorePreflightErrors, Wait), new KubeadmDiffGate(outside.Shell, settings.Kubeadm.Patches)],
        say);

    private NodeUpgrade Upgrade() => new(
        Api, outside.Shell, Nodes, Cordons, Away, new OwnHost(Api, settings.Namespace, request?.NodeName),
        new NodeDrain(Api, Wait, say, DrainOptions, DaemonSets),
        new NodeScriptRun(outside.Shell, Reach, Wait, Milestones, say), new NodeScripts(files.NodeScript, settings), Quiesced, Milestones, Wait, settings.NodeReadyTimeout);

    // What was to be done, with its exit code. Wrong use is the command line's to say.
    private async Task<int> OrAbortAsync(Func<Task<int>> work, Func<Exception, Task>? tell = null)
    {
        try
        {
            return await work();
        }
        catch (Exception e) when (e is AbortException or SourceException or UsageException)
        {
            if (e is not UsageException)
            {
                say($"aborted: {e.Message}");
            }

            await (tell?.Invoke(e) ?? Task.CompletedTask);
            if (e is UsageException)
            {
                throw;
            }

            return ExitCode.Aborted;
        }
    }

    // Time limits are the callers', in the seam's own time.
    private HttpClient Client(Uri? address = null) => new(outside.Network, disposeHandler: false) { BaseAddress = address, Timeout = Timeout.InfiniteTimeSpan };
}
