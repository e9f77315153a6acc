using Stepper.Cluster.NodeShell;
using Stepper.Simulation.Printed;

namespace Stepper.Cluster.Tests.NodeShell;

/// <summary>With what kubeadm of 1.31 to 1.36 really printed.</summary>
public sealed class KubeadmWordsTests
{
    public static TheoryData<string> Plans => [.. Recording.Names.Where(name => name.Contains("/plan-", StringComparison.Ordinal))];

    public static TheoryData<string> Kubeadms => [.. Recording.Names.Where(name => name.StartsWith("kubeadm/", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Kubeadms))]
    public void AFailureHasAReasonAndASuccessHasNone(string name)
    {
        var recording = Recording.Of(name);

        var why = KubeadmWords.WhyFailed(recording.Text);

        if (recording.ExitCode == 0)
        {
            why.ShouldBeNull();
        }
        else
        {
            why.ShouldNotBeNull().Trim().Length.ShouldBeGreaterThan(20);
            why.ShouldNotContain("stack trace");
            why.ShouldNotContain("preflight checks failed");
            why.ShouldNotContain("\n");
        }
    }

    [Theory]
    [InlineData("v1.34/plan-job-stuck", "CreateJob: Job \"upgrade-health-check-1795354085593\" in the namespace \"kube-system\" did not complete in 15s: no condition of type Complete")]
    [InlineData("v1.34/plan-not-ready", "ControlPlaneNodesReady: there are NotReady control-planes in the cluster: [k8s-master]")]
    [InlineData("v1.34/plan-coredns-version", "CoreDNSUnsupportedPlugins: start version '1.99.0' not supported; CoreDNSMigration: CoreDNS will not be upgraded: start version '1.99.0' not supported")]
    [InlineData("v1.34/apply-next-minor", "error execution phase preflight: the version argument is invalid due to these fatal errors: Specified version to upgrade to \"v1.35.0\" is at least one minor release higher than the kubeadm minor release (35 > 34). Such an upgrade is not supported")]
    [InlineData("v1.34/plan-no-admin-conf", "couldn't create a Kubernetes client from file \"/etc/kubernetes/admin.conf\": failed to load admin kubeconfig: open /etc/kubernetes/admin.conf: no such file or directory")]
    [InlineData("v1.31/apply-etcd-unhealthy", "[upgrade/apply] FATAL: failed to create etcd client: error syncing endpoints with etcd: context deadline exceeded")]
    public void TheReasonIsKubeadmsOwn(string name, string reason) => KubeadmWords.WhyFailed(Recording.Of("kubeadm/" + name).Text).ShouldBe(reason);

    [Theory]
    [MemberData(nameof(Plans))]
    public void OfPlansThoseMayPassThatFailOfTheHealthCheckJobOrOfAServerThatDoesNotAnswer(string name) =>
        KubeadmWords.MayPass(Recording.Of(name).Text).ShouldBe(name.EndsWith("job-stuck", StringComparison.Ordinal) || name.EndsWith("api-away", StringComparison.Ordinal));

    [Theory]
    [InlineData("\t[ERROR CreateJob]: could not create Job \"upgrade-health-check\" in the namespace \"kube-system\": object is being deleted: jobs.batch \"upgrade-health-check\" already exists", true)]
    [InlineData("\t[ERROR ControlPlaneNodesReady]: could not list nodes labeled with \"node-role.kubernetes.io/control-plane\": etcdserver: request timed out", true)]
    [InlineData("\t[ERROR CreateJob]: no condition of type Complete\n\t[ERROR ControlPlaneNodesReady]: there are NotReady control-planes in the cluster: [k8s-master]", false)]
    [InlineData("\t[ERROR StaticPodManifest]: manifest files not found: [/etc/kubernetes/manifests/kube-scheduler.yaml]", false)]
    [InlineData("error: [upgrade/init config] FATAL: failed to get config map: Get \"https://10.0.20.100:6443/api\": net/http: TLS handshake timeout", true)]
    [InlineData("error: [upgrade/init config] FATAL: failed to get config map: configmaps \"kubeadm-config\" not found", false)]
    [InlineData("connection refused, said nobody of kubeadm's", false)]
    [InlineData("Killed", false)]
    [InlineData("", false)]
    public void AllThatIsNamedMustBeOfThat(string output, bool mayPass) => KubeadmWords.MayPass(output).ShouldBe(mayPass);

    [Fact]
    public void ALongReasonIsCut() =>
        KubeadmWords.WhyFailed(Recording.Of("kubeadm/v1.34/plan-coredns-plugin").Text)!.Length.ShouldBeLessThan(700);

    [Theory]
    [MemberData(nameof(Kubeadms))]
    public void NothingThatWasReallyPrintedWantsAManualUpgrade(string name)
    {
        if (Recording.Of(name).IsReal)
        {
            KubeadmWords.ManualUpgrade(Recording.Of(name).Text).ShouldBeNull();
        }
    }

    [Fact]
    public void ATableWithTheMarkDoes() =>
        KubeadmWords.ManualUpgrade(Recording.Of("kubeadm/v1.34/plan-manual-upgrade-table").Text).ShouldBe("kubelet.config.k8s.io");

    [Theory]
    [InlineData("held", "Held packages were changed and -y was used without --allow-change-held-packages.")]
    [InlineData("no-such-version", "Version '1.34.99-1.1' for 'kubeadm' was not found")]
    [InlineData("lock-held", "Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), is another process using it?")]
    [InlineData("hash-mismatch", "Failed to fetch http://127.0.0.1:8080/core:/stable:/v1.34/deb/amd64/kubeadm_1.34.7-1.1_amd64.deb  Hash Sum mismatch")]
    [InlineData("not-there", "Failed to fetch http://127.0.0.1:8080/core:/stable:/v1.34/deb/amd64/kubeadm_1.34.7-1.1_amd64.deb  404  File not found [IP: 127.0.0.1 8080]")]
    [InlineData("madison-none", null)]
    public void AptsFirstErrorIsTheReason(string name, string? reason) => AptWords.WhyFailed(Recording.Of("apt/" + name).Text).ShouldBe(reason);
}
