using System.Text.RegularExpressions;
using Stepper.Cluster.Versions;
using Stepper.StepRunner.Drain;

namespace Stepper.StepRunner.Settings;

/// <summary>What an operator can change, <c>stepper.yaml</c>. Each property is one key, and its initial value is the default.</summary>
internal sealed record StepperSettings
{
    public string Namespace { get; init; } = "k8s-upgrade";

    /// <summary>What stands before the <c>/</c> of every annotation of the chain.</summary>
    public string AnnotationPrefix { get; init; } = "viktorbarzin.me";

    public Uri PrometheusUrl { get; init; } = new("http://prometheus-server.monitoring.svc.cluster.local:80");

    public Uri PushgatewayUrl { get; init; } = new("http://prometheus-prometheus-pushgateway.monitoring:9091");

    /// <summary>Null: silences are not asked for.</summary>
    public Uri? AlertmanagerUrl { get; init; }

    /// <summary>Certificates, in PEM, that are trusted besides the system's; null for none.</summary>
    public string? CaFile { get; init; }

    /// <summary>Holds the address of a Slack incoming webhook; where the file is absent there is no Slack.</summary>
    public string SlackWebhookFile { get; init; } = "/secrets/k8s-upgrade/slack_webhook";

    public Uri? WebhookUrl { get; init; }

    public SshSettings Ssh { get; init; } = new();

    /// <summary>Base address of the package source, without a slash at its end.</summary>
    public Uri Repository { get; init; } = new("https://pkgs.k8s.io/core:/stable:");

    /// <summary>The same as text, to which <c>/v1.34/deb</c> can be put.</summary>
    public string RepositoryBase => Repository.ToString().TrimEnd('/');

    public DetectionSettings Detection { get; init; } = new();

    public AlertSettings Alerts { get; init; } = new();

    /// <summary>How long the Ready condition of every node must have stood still before a chain begins.</summary>
    public TimeSpan QuietPeriod { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How long a worker's step waits for blocking alerts to go.</summary>
    public TimeSpan AlertWait { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>How long an upgraded worker is looked at before the next one's turn.</summary>
    public TimeSpan Soak { get; init; } = TimeSpan.FromMinutes(10);

    public TimeSpan NodeReadyTimeout { get; init; } = TimeSpan.FromMinutes(15);

    public DrainSettings Drain { get; init; } = new();

    public SnapshotSettings Snapshot { get; init; } = new();

    public KubeadmSettings Kubeadm { get; init; } = new();

    /// <summary>Deployments that are at zero replicas while kubeadm works.</summary>
    public IReadOnlyList<ObjectName> Quiesce { get; init; } = [];

    /// <summary>Scripts that run on a control-plane node after its upgrade.</summary>
    public IReadOnlyList<ConfigMapKey> AfterControlPlane { get; init; } = [];

    /// <summary>What a forecast that evicted pods will find no room comes to.</summary>
    public Consequence Capacity { get; init; } = Consequence.Warn;

    /// <summary>What an addon that the compatibility matrix does not know comes to.</summary>
    public Consequence UnknownAddons { get; init; } = Consequence.Warn;

    public WorkerSettings Workers { get; init; } = new();

    public WindowSettings Window { get; init; } = new();
}

internal enum Consequence
{
    Warn,
    Abort,
}

/// <summary>An object by where it is: <c>namespace/name</c>.</summary>
internal sealed record ObjectName(string Namespace, string Name)
{
    public override string ToString() => $"{Namespace}/{Name}";
}

/// <summary>One entry of a ConfigMap: <c>namespace/name/key</c>.</summary>
internal sealed record ConfigMapKey(string Namespace, string Name, string Key)
{
    public override string ToString() => $"{Namespace}/{Name}/{Key}";
}

internal sealed record SshSettings
{
    public string User { get; init; } = "wizard";

    public int Port { get; init; } = 22;

    public string KeyFile { get; init; } = "/secrets/k8s-upgrade/ssh_key";

    /// <summary>Where the file is absent, a host key is trusted on first use.</summary>
    public string KnownHostsFile { get; init; } = "/secrets/k8s-upgrade/known_hosts";

    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);
}

internal sealed record DetectionSettings
{
    public bool AllowMinor { get; init; } = true;

    /// <summary>How long a release must have been out.</summary>
    public TimeSpan MinimumAge { get; init; } = TimeSpan.Zero;

    /// <summary>Releases that are never gone to.</summary>
    public IReadOnlyList<KubeVersion> Skip { get; init; } = [];

    /// <summary>The last release line that is gone to; null for no end.</summary>
    public MinorVersion? MaxMinor { get; init; }

    public bool DryRun { get; init; }
}

internal sealed record AlertSettings
{
    /// <summary>Alerts of these severities block; <c>*</c> is any.</summary>
    public IReadOnlyList<string> Severities { get; init; } = ["critical"];

    /// <summary>Alerts of these names block a preflight.</summary>
    public IReadOnlyList<string> Names { get; init; } = ["RecentNodeReboot"];

    /// <summary>Alerts whose name matches one of these do not block. They match a whole name or not at all.</summary>
    public IReadOnlyList<Regex> Ignore { get; init; } = [];

    /// <summary>How long a Prometheus must have been up before its answer counts.</summary>
    public TimeSpan MinimumUptime { get; init; } = TimeSpan.FromMinutes(10);
}

internal sealed record DrainSettings
{
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>How long a pod may take to end, unless its own grace is longer.</summary>
    public TimeSpan GracePeriod { get; init; } = TimeSpan.FromSeconds(300);

    public BudgetMode Budgets { get; init; } = BudgetMode.Unstick;

    /// <summary>Evictions at a time.</summary>
    public int Parallel { get; init; } = 16;
}

internal sealed record SnapshotSettings
{
    public SnapshotMode Mode { get; init; } = SnapshotMode.CronJob;

    public ObjectName CronJob { get; init; } = new("default", "backup-etcd");

    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>A smaller file is no snapshot.</summary>
    public long MinBytes { get; init; } = 1024;

    /// <summary>Put before the file's name where the snapshot's path is said.</summary>
    public string PathPrefix { get; init; } = "";
}

internal enum SnapshotMode
{
    CronJob,
    Ssh,
    None,
}

/// <summary>Passed on to kubeadm.</summary>
internal sealed record KubeadmSettings
{
    public IReadOnlyList<string> IgnorePreflightErrors { get; init; } = [];

    public IReadOnlyList<string> SkipPhases { get; init; } = [];

    /// <summary>A folder on the control-plane nodes; null for none.</summary>
    public string? Patches { get; init; }
}

internal sealed record WorkerSettings
{
    /// <summary>Nodes that may be away at a time, whoever took them.</summary>
    public int MaxUnavailable { get; init; } = 1;
}
