using Stepper.Cluster.NodeShell;
using Stepper.Cluster.Versions;

namespace Stepper.Simulation.Nodes;

/// <summary>A machine: what is installed on it, what runs on it, and whether it can be reached.</summary>
public sealed class SimulatedNode
{
    private readonly List<NodeScriptRun> _scripts = [];

    internal SimulatedNode(string name, string address, bool isControlPlane, KubeVersion version, string containerd)
    {
        Name = name;
        Address = address;
        IsControlPlane = isControlPlane;
        Source = version.Line;
        Kubelet = version;
        Packages = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["containerd.io"] = $"{containerd}-1" };
        foreach (var package in NodeInspection.KubernetesPackages)
        {
            Packages[package] = PackageOf(version);
        }

        if (isControlPlane)
        {
            StaticPods = KubeadmImages.StaticPods(version);
        }
    }

    public string Name { get; }

    /// <summary>Its InternalIP.</summary>
    public string Address { get; }

    public bool IsControlPlane { get; }

    /// <summary>Installed versions, as apt has them.</summary>
    public IDictionary<string, string> Packages { get; }

    public ISet<string> Held { get; } = new SortedSet<string>(NodeInspection.KubernetesPackages, StringComparer.Ordinal);

    /// <summary>The release line of its Kubernetes package source.</summary>
    public MinorVersion Source { get; set; }

    /// <summary>The release of the kubelet that runs, which an installation alone does not change.</summary>
    public KubeVersion Kubelet { get; internal set; }

    /// <summary>Image by component, of the manifests under <c>/etc/kubernetes/manifests</c>. Empty on a worker.</summary>
    public IReadOnlyDictionary<string, string> StaticPods { get; internal set; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Flags that an operator gives a static pod besides kubeadm's own, by component.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> ComponentFlags { get; internal init; } = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);

    /// <summary>What its kubelet is started with.</summary>
    public IList<string> KubeletFlags { get; } = ["--kubeconfig=/etc/kubernetes/kubelet.conf", "--config=/var/lib/kubelet/config.yaml"];

    /// <summary>The member of etcd that its static pod is; on a worker there is none, whatever is set.</summary>
    public Etcd Etcd { get; } = new();

    public bool IsAlive { get; internal set; } = true;

    /// <summary>Whether its kubelet runs: false on a dead node, and for the moment of a restart.</summary>
    public bool KubeletRuns { get; internal set; } = true;

    /// <summary>Counts its boots.</summary>
    public int Boots { get; internal set; } = 1;

    public string BootId => $"b0070000-0000-4000-8000-{Boots:x4}{(uint)Name.Aggregate(17, (hash, letter) => unchecked((hash * 31) + letter)):x8}";

    public SshState Ssh { get; set; }

    /// <summary>What goes wrong with its node script, and how long its stages take.</summary>
    public ScriptBehaviour Script { get; set; } = new();

    /// <summary>The runs of the node script, the last one last.</summary>
    public IReadOnlyList<NodeScriptRun> Scripts => _scripts;

    public string Os { get; set; } = "Debian GNU/Linux 12 (bookworm)";

    /// <summary>What its upgrade needs and is not there.</summary>
    public IList<string> MissingTools { get; } = [];

    /// <summary>When it is surveyed it says what nobody can read.</summary>
    public bool IsGarbled { get; set; }

    /// <summary>The locks of apt and dpkg that somebody holds. Only who asks for them sees them: the node script gets its own.</summary>
    public IList<PackageLock> Locks { get; } = [];

    /// <summary>Its file systems. One of another mount may be added.</summary>
    public IList<SimulatedDisk> Disks { get; } = [new SimulatedDisk("/")];

    /// <summary>How large etcd's data are; 0 on a worker.</summary>
    public long EtcdBytes => IsControlPlane ? 400L << 20 : 0;

    /// <summary>What <c>kubeadm upgrade plan</c> says of the kubelet's configuration.</summary>
    public bool WantsManualUpgrade { get; set; }

    /// <summary>What its next runs of <c>kubeadm upgrade plan</c> fail with, one each: recordings such as <c>plan-job-stuck</c>.</summary>
    public IList<string> PlanFailures { get; } = [];

    /// <summary>
    /// Flags that a person has put into the manifest of its API server, such as <c>--oidc-client-id=kubernetes</c>. kubeadm's configuration does not have them, so
    /// that they are gone when kubeadm has written that manifest.
    /// </summary>
    public IList<string> FlagsByHand { get; } = [];

    /// <summary>When what kubeadm left under <c>/etc/kubernetes/tmp</c> was left.</summary>
    public IList<DateTimeOffset> KubeadmScratch { get; } = [];

    /// <summary>What that takes: each is a copy of etcd's data.</summary>
    public long ScratchBytes => KubeadmScratch.Count * EtcdBytes;

    /// <summary>How long it takes to fetch packages and images ahead.</summary>
    public TimeSpan FetchTakes { get; set; } = TimeSpan.FromSeconds(25);

    /// <summary>The release whose packages and images were fetched ahead.</summary>
    public KubeVersion? Fetched { get; internal set; }

    /// <summary>After a restart of kubelet: how long until its status is written again.</summary>
    public TimeSpan KubeletReportsAfter { get; set; } = TimeSpan.FromSeconds(4);

    /// <summary>After a restart of kubelet: how long the node is not ready; zero when nobody notices.</summary>
    public TimeSpan NotReadyAfterRestart { get; set; }

    /// <summary>The node stays not ready after the next restart of its kubelet, until this is taken back.</summary>
    public bool NeverReadyAfterRestart { get; set; }

    public bool IsHeld => NodeInspection.KubernetesPackages.All(Held.Contains);

    public NodeScriptRun? RunningScript => _scripts.Count > 0 && _scripts[^1].State == ScriptState.Running ? _scripts[^1] : null;

    public KubeVersion Installed(string package) => KubeVersion.Parse(Packages[package].Split('-')[0], $"package {package} of {Name}");

    /// <summary>The release of its API server, by its manifest; null where there is none.</summary>
    public KubeVersion? ApiServer => StaticPods.TryGetValue("kube-apiserver", out var image) ? KubeadmImages.VersionOf(image) : null;

    internal event Action? KubeletStarted;

    internal void StartKubelet()
    {
        KubeletRuns = true;
        Kubelet = Installed("kubelet");
        KubeletStarted?.Invoke();
    }

    internal void Add(NodeScriptRun run) => _scripts.Add(run);

    internal static string PackageOf(KubeVersion version) => $"{version}-1.1";

    public override string ToString() => Name;
}

/// <summary>What a connection to a node meets.</summary>
public enum SshState
{
    Reachable,

    /// <summary>No answer until the connection's time is over.</summary>
    Unreachable,

    /// <summary>Another host key than the one that is known.</summary>
    WrongHostKey,

    /// <summary>The login is refused.</summary>
    Refused,
}
