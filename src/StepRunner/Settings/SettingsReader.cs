using Stepper.StepRunner.Drain;

namespace Stepper.StepRunner.Settings;

/// <summary>Makes settings of YAML text, or says all that is wrong with it at once.</summary>
internal static class SettingsReader
{
    private static readonly SettingKind<Consequence> Consequences = SettingKind.OneOf(("warn", Consequence.Warn), ("abort", Consequence.Abort));

    private static readonly SettingKind<BudgetMode> BudgetModes =
        SettingKind.OneOf(("unstick", BudgetMode.Unstick), ("wait", BudgetMode.Wait), ("force", BudgetMode.Force));

    private static readonly SettingKind<SnapshotMode> SnapshotModes =
        SettingKind.OneOf(("cronjob", SnapshotMode.CronJob), ("ssh", SnapshotMode.Ssh), ("none", SnapshotMode.None));

    /// <param name="yaml">Null, where there is no file: the defaults.</param>
    /// <param name="fileName">Stands before the line in each problem.</param>
    /// <param name="problems">Gets all problems, ordered by their line.</param>
    /// <returns>Null when there is a problem.</returns>
    public static StepperSettings? Read(string? yaml, string fileName, ICollection<string> problems) => Read(yaml, line => $"{fileName}:{line}", problems);

    /// <inheritdoc cref="Read(string?, string, ICollection{string})"/>
    /// <param name="place">What stands before a problem, for its line.</param>
    public static StepperSettings? Read(string? yaml, Func<int, string> place, ICollection<string> problems)
    {
        List<SettingsProblem> found = [];
        var settings = Root(new SettingsMap(SettingsTree.ReadMap(yaml ?? "", "settings are", found), "", found));
        foreach (var problem in found.OrderBy(problem => problem.Line))
        {
            problems.Add($"{place(problem.Line)}: {problem.Text}");
        }

        return found.Count == 0 ? settings : null;
    }

    private static StepperSettings Root(SettingsMap map)
    {
        var defaults = new StepperSettings();
        var settings = new StepperSettings
        {
            Namespace = map.Value("namespace", SettingKind.DnsLabel, defaults.Namespace),
            AnnotationPrefix = map.Value("annotationPrefix", SettingKind.DnsName, defaults.AnnotationPrefix),
            PrometheusUrl = map.Value("prometheusUrl", SettingKind.Url, defaults.PrometheusUrl),
            PushgatewayUrl = map.Value("pushgatewayUrl", SettingKind.Url, defaults.PushgatewayUrl),
            AlertmanagerUrl = map.OptionalValue("alertmanagerUrl", SettingKind.Url),
            CaFile = map.OptionalValue("caFile", SettingKind.Path),
            SlackWebhookFile = map.Value("slackWebhookFile", SettingKind.Path, defaults.SlackWebhookFile),
            WebhookUrl = map.OptionalValue("webhookUrl", SettingKind.SecretUrl),
            Ssh = Ssh(map.Group("ssh"), defaults.Ssh),
            Repository = map.Value("repository", SettingKind.Repository, defaults.Repository),
            Detection = Detection(map.Group("detection"), defaults.Detection),
            Alerts = Alerts(map.Group("alerts"), defaults.Alerts),
            QuietPeriod = map.Value("quietPeriod", SettingKind.Duration, defaults.QuietPeriod),
            AlertWait = map.Value("alertWait", SettingKind.Duration, defaults.AlertWait),
            Soak = map.Value("soak", SettingKind.Duration, defaults.Soak),
            NodeReadyTimeout = map.Value("nodeReadyTimeout", SettingKind.Duration, defaults.NodeReadyTimeout),
            Drain = Drain(map.Group("drain"), defaults.Drain),
            Snapshot = Snapshot(map.Group("snapshot"), defaults.Snapshot),
            Kubeadm = Kubeadm(map.Group("kubeadm"), defaults.Kubeadm),
            Quiesce = map.List("quiesce", SettingKind.ObjectName, defaults.Quiesce),
            AfterControlPlane = map.List("afterControlPlane", SettingKind.ConfigMapKey, defaults.AfterControlPlane),
            Capacity = map.Value("capacity", Consequences, defaults.Capacity),
            UnknownAddons = map.Value("unknownAddons", Consequences, defaults.UnknownAddons),
            Workers = Workers(map.Group("workers"), defaults.Workers),
            Window = Window(map.Group("window"), defaults.Window),
        };
        map.End();
        return settings;
    }

    private static SshSettings Ssh(SettingsMap map, SshSettings defaults)
    {
        var ssh = new SshSettings
        {
            User = map.Value("user", SettingKind.UserName, defaults.User),
            Port = (int)map.Value("port", SettingKind.Number(1, 65535), defaults.Port),
            KeyFile = map.Value("keyFile", SettingKind.Path, defaults.KeyFile),
            KnownHostsFile = map.Value("knownHostsFile", SettingKind.Path, defaults.KnownHostsFile),
            ConnectTimeout = map.Value("connectTimeout", SettingKind.Duration, defaults.ConnectTimeout),
        };
        map.End();
        return ssh;
    }

    private static DetectionSettings Detection(SettingsMap map, DetectionSettings defaults)
    {
        var detection = new DetectionSettings
        {
            AllowMinor = map.Value("allowMinor", SettingKind.Flag, defaults.AllowMinor),
            MinimumAge = map.Value("minimumAge", SettingKind.Duration, defaults.MinimumAge),
            Skip = map.List("skip", SettingKind.Release, defaults.Skip),
            MaxMinor = map.Find("maxMinor") is null or TextNode { Text: null } ? null : map.Value("maxMinor", SettingKind.ReleaseLine, default),
            DryRun = map.Value("dryRun", SettingKind.Flag, defaults.DryRun),
        };
        map.End();
        return detection;
    }

    private static AlertSettings Alerts(SettingsMap map, AlertSettings defaults)
    {
        var alerts = new AlertSettings
        {
            Severities = map.List("severities", SettingKind.Word, defaults.Severities),
            Names = map.List("names", SettingKind.Word, defaults.Names),
            Ignore = map.List("ignore", SettingKind.NamePattern, defaults.Ignore),
            MinimumUptime = map.Value("minimumUptime", SettingKind.Duration, defaults.MinimumUptime),
        };
        map.End();
        return alerts;
    }

    private static DrainSettings Drain(SettingsMap map, DrainSettings defaults)
    {
        var drain = new DrainSettings
        {
            Timeout = map.Value("timeout", SettingKind.Duration, defaults.Timeout),
            GracePeriod = map.Value("gracePeriod", SettingKind.Duration, defaults.GracePeriod),
            Budgets = map.Value("budgets", BudgetModes, defaults.Budgets),
            Parallel = (int)map.Value("parallel", SettingKind.Number(1, 1000), defaults.Parallel),
        };
        map.End();
        return drain;
    }

    private static SnapshotSettings Snapshot(SettingsMap map, SnapshotSettings defaults)
    {
        var snapshot = new SnapshotSettings
        {
            Mode = map.Value("mode", SnapshotModes, defaults.Mode),
            CronJob = map.Value("cronJob", SettingKind.ObjectName, defaults.CronJob),
            Timeout = map.Value("timeout", SettingKind.Duration, defaults.Timeout),
            MinBytes = map.Value("minBytes", SettingKind.Number(1, long.MaxValue), defaults.MinBytes),
            PathPrefix = map.OptionalValue("pathPrefix", SettingKind.AnyText) ?? defaults.PathPrefix,
        };
        map.End();
        return snapshot;
    }

    private static KubeadmSettings Kubeadm(SettingsMap map, KubeadmSettings defaults)
    {
        var kubeadm = new KubeadmSettings
        {
            IgnorePreflightErrors = map.List("ignorePreflightErrors", SettingKind.KubeadmCheck, defaults.IgnorePreflightErrors),
            SkipPhases = map.List("skipPhases", SettingKind.KubeadmPhase, defaults.SkipPhases),
            Patches = map.OptionalValue("patches", SettingKind.Path),
        };
        map.End();
        return kubeadm;
    }

    private static WorkerSettings Workers(SettingsMap map, WorkerSettings defaults)
    {
        var workers = new WorkerSettings { MaxUnavailable = (int)map.Value("maxUnavailable", SettingKind.Number(1, 1000), defaults.MaxUnavailable) };
        map.End();
        return workers;
    }

    private static WindowSettings Window(SettingsMap map, WindowSettings defaults)
    {
        var window = new WindowSettings
        {
            Open = map.Find("open") is TextNode { Text: null or "always" } ? [] : map.List("open", SettingKind.OpenTimes, defaults.Open),
            TimeZone = map.Value("timeZone", SettingKind.TimeZone, defaults.TimeZone),
            Freeze = map.List("freeze", SettingKind.FrozenDays, defaults.Freeze),
        };
        map.End();
        return window;
    }
}
