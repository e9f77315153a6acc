using System.Diagnostics;
using System.Text;
using Stepper.Cluster.NodeShell;
using Stepper.Cluster.Versions;

namespace Stepper.Cluster.Tests.NodeShell;

/// <summary>The programs that run on a node, run here by a real <c>sh</c> with stand-ins of a node's tools.</summary>
public sealed class NodeProgramsTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("stepper-test-");

    public NodeProgramsTests() => Stand.In(_directory.FullName, "sudo", "[ \"$1\" = -n ] && shift && exec \"$@\"");

    [Fact]
    public async Task AScriptThatDidNotArriveWholeIsNotRun()
    {
        var commands = new NodeCommands(PathOf("state"));
        var text = $"#!/bin/sh\ntouch {PathOf("canary")}\nexit 0\n";
        var script = new NodeScript(ScriptRole.Worker, false, new KubeVersion(1, 34, 7), text, "https://pkgs.k8s.io/core:/stable:", [], [], null);

        foreach (var command in new[] { commands.Start(script), commands.Hook(text) })
        {
            var exit = await RunAsync(command with { Input = command.Input![..^7] });

            exit.ExitCode.ShouldBe(1);
            (exit.Error + Encoding.UTF8.GetString(exit.Output)).ShouldContain("the script did not arrive whole; it was not run");
            File.Exists(PathOf("canary")).ShouldBeFalse();
        }

        Directory.GetFiles(PathOf("state/scripts")).ShouldBeEmpty();
    }

    [Fact]
    public async Task WhatIsKeptOnTheNodeIsForRootAlone()
    {
        await RunAsync(new NodeCommands(PathOf("state")).Hook("#!/bin/sh\n"));

        File.GetUnixFileMode(PathOf("state")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.GetUnixFileMode(Directory.GetFiles(PathOf("state/scripts")).Single()).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [Fact]
    public async Task WhereThereIsNoKubernetesSourceThereAreNoReleases()
    {
        Assert.SkipWhen(File.Exists("/etc/apt/sources.list.d/kubernetes.list"), "this machine has a Kubernetes package source");
        Stand.In(_directory.FullName, "apt-get", "exit 9");
        Stand.In(_directory.FullName, "apt-mark", "exit 9");
        Stand.In(_directory.FullName, "apt-cache", "exit 9");
        Stand.In(_directory.FullName, "dpkg-query", "exit 9");

        var exit = await RunAsync(NodeCommands.Available);

        exit.ExitCode.ShouldBe(0);
        NodeAnswers.Releases(Encoding.UTF8.GetString(RemoteAnswer.Read(exit.Output).Output)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    public async Task OnlyTheKubernetesListIsRefreshedAndOneThatCanNotBeIsAnError(int aptExits)
    {
        Assert.SkipUnless(Environment.UserName == "root", "to put a package source beside others takes root");
        Stand.In(_directory.FullName, "apt-get", $"echo \"$*\" >>{PathOf("asked")}; exit {aptExits}");
        Stand.In(_directory.FullName, "apt-cache", "echo ' kubeadm | 1.34.7-1.1 | https://pkgs.k8s.io/core:/stable:/v1.34/deb  Packages'");
        Stand.In(_directory.FullName, "sleep", "exit 0");
        const string sources = "mount -t tmpfs none /etc/apt/sources.list.d; cd /etc/apt/sources.list.d; echo deb x / >kubernetes.list; echo broken >third-party.list; cd /; exec sh -c \"$1\"";

        var exit = await ChildProcess.RunAsync(
            new ProcessStartInfo("unshare", ["--mount", "sh", "-c", sources, "sh", NodeCommands.Available.Line]) { Environment = { ["PATH"] = Path() } },
            null,
            TestContext.Current.CancellationToken);

        File.ReadLines(PathOf("asked")).ShouldAllBe(asked => asked.Contains("update -o Dir::Etc::sourcelist=/etc/apt/sources.list.d/kubernetes.list -o Dir::Etc::sourceparts=- "));
        (exit.ExitCode == 0).ShouldBe(aptExits == 0, exit.Error);
        if (aptExits == 0)
        {
            NodeAnswers.Releases(Encoding.UTF8.GetString(RemoteAnswer.Read(exit.Output).Output)).ShouldBe([new KubeVersion(1, 34, 7)]);
        }
        else
        {
            exit.Error.ShouldContain("the package list /etc/apt/sources.list.d/kubernetes.list could not be refreshed");
        }
    }

    [Fact]
    public async Task ANodeWithoutAptIsSaidToBeOne()
    {
        Assert.SkipUnless(Environment.UserName == "root", "to hide a program takes root");
        var command = new NodeCommands(PathOf("state")).Inspect;

        var exit = await ChildProcess.RunAsync(
            new ProcessStartInfo("unshare", ["--mount", "sh", "-c", "mount --bind /dev/null /usr/bin/apt-get; exec sh -c \"$1\"", "sh", command.Line]) { Environment = { ["PATH"] = Path() } },
            null,
            TestContext.Current.CancellationToken);

        exit.ExitCode.ShouldBe(1);
        exit.Error.ShouldContain("apt-get is not on this node; only Debian and Ubuntu nodes can be upgraded");
    }

    [Fact]
    public async Task AKubeletsFlagsAreThoseThatItRunsWithAndWhoseTheyAre()
    {
        using var kubelet = Process.Start("sh", ["-c", "sleep 60; :", "kubelet", "--config=/var/lib/kubelet/config.yaml", "--pause-image=pause:3.9", "--node-labels", "a=b"]);
        Stand.In(_directory.FullName, "systemctl", $"[ \"$*\" = 'show --property=MainPID --value kubelet' ] && echo {kubelet.Id}");
        await File.WriteAllTextAsync(PathOf("kubeadm-flags.env"), "# kept by kubeadm\nKUBELET_KUBEADM_ARGS=\"--container-runtime-endpoint=unix:///run/containerd.sock  --pause-image=pause:3.9\"\n", TestContext.Current.CancellationToken);

        var exit = await RunAsync(new NodeCommands(kubeletFlags: PathOf("kubeadm-flags.env")).Kubelet);
        kubelet.Kill(entireProcessTree: true);

        var flags = KubeletFlags.Read(Encoding.UTF8.GetString(RemoteAnswer.Read(exit.Output).Output), "node1");
        flags.Words.ShouldBe(["-c", "sleep 60; :", "kubelet", "--config=/var/lib/kubelet/config.yaml", "--pause-image=pause:3.9", "--node-labels", "a=b"]);
        flags.Kubeadms.ShouldBe(["--container-runtime-endpoint=unix:///run/containerd.sock", "--pause-image=pause:3.9"]);
        flags.NotKubeadms.ShouldNotContain("--pause-image=pause:3.9");
    }

    [Theory]
    [InlineData("echo 0", "kubelet does not run on this node")]
    [InlineData("exit 1", "systemd does not say whether kubelet runs")]
    [InlineData("echo 99999999", "the command line of kubelet, pid 99999999, can not be read")]
    public async Task AKubeletThatCannotBeAskedIsAnErrorAndNotOneWithoutFlags(string systemctl, string error)
    {
        Stand.In(_directory.FullName, "systemctl", systemctl);

        var exit = await RunAsync(new NodeCommands().Kubelet);

        exit.ExitCode.ShouldBe(1);
        exit.Error.ShouldContain(error);
    }

    [Fact]
    public async Task ASurveyTellsWhatANodeIsAndChangesNothing()
    {
        Assert.SkipUnless(Environment.UserName == "root", "to make a node's directories takes root");
        Stand.In(_directory.FullName, "dpkg-query", "printf 'hi |kubeadm|1.34.2-1.1\\nii |kubelet|1.34.2-1.1\\nrc |kubectl|1.33.0-1.1\\n'; exit 1");
        Stand.In(_directory.FullName, "apt-cache", "printf '   kubeadm | 1.34.70-1.1 | x  Packages\\n   kubeadm | 1.34.7-1.1 | x  Packages\\n'");
        Stand.In(_directory.FullName, "curl", "case \"$*\" in *--\\ http://mirror/v1.34/deb/Packages) printf 'Package: kubeadm\\nVersion: 1.34.7-1.1\\n\\nPackage: kubectl\\nVersion: 1.34.7-1.1\\n\\nPackage: kubelet\\nVersion: 1.34.70-1.1\\n' ;; esac");
        foreach (var tool in new[] { "apt-get", "apt-mark", "systemctl" })
        {
            Stand.In(_directory.FullName, tool, "exit 9");
        }

        var survey = await SurveyAsync(
            $"""
            mount -t tmpfs tmpfs /etc/kubernetes; mkdir -p /etc/kubernetes/manifests /etc/kubernetes/tmp
            echo '    - --data-dir=/etc/kubernetes/data' >/etc/kubernetes/manifests/etcd.yaml
            mkdir /etc/kubernetes/data; head -c 300000 /dev/zero >/etc/kubernetes/data/db; head -c 100000 /dev/zero >/etc/kubernetes/tmp/old
            mount -t tmpfs -o size=1m,nr_inodes=50 tmpfs /opt
            mount -t tmpfs tmpfs /var/cache/apt; mount -o remount,ro /var/cache/apt
            mkdir {PathOf("dpkg")}; touch {PathOf("dpkg")}/lock-frontend; mount --bind {PathOf("dpkg")} /var/lib/dpkg
            perl -MFcntl -e 'open($h, ">", "/var/lib/dpkg/lock-frontend"); my $l = pack("s! s! x![q] q q i x![q]", F_WRLCK, 0, 0, 0, 0); fcntl($h, F_SETLK, $l) or die; open($o, ">", "{PathOf("locked")}"); sleep 600' &
            while [ ! -e {PathOf("locked")} ]; do kill -0 $!; sleep 0.02; done
            """);

        survey.MissingTools.ShouldBeEmpty();
        survey.Packages.ShouldBe([new("kubeadm", "1.34.2-1.1", IsHeld: true), new("kubelet", "1.34.2-1.1", IsHeld: false)]);
        survey.Offered.ShouldBe(["kubeadm", "kubectl"]);
        survey.RepositoryProblem.ShouldBeNull();
        var held = survey.Locks.ShouldHaveSingleItem();
        held.File.ShouldBe("/var/lib/dpkg/lock-frontend");
        held.Holder.ShouldNotBeNull().Name.ShouldBe("perl");
        (survey.Clock - held.Holder.Since).ShouldBeInRange(TimeSpan.FromSeconds(-2), TimeSpan.FromMinutes(1));
        (TimeProvider.System.GetUtcNow() - survey.Clock).Duration().ShouldBeLessThan(TimeSpan.FromSeconds(30));
        survey.EtcdBytes.ShouldBeInRange(300_000, 320_000);
        survey.ScratchBytes.ShouldBeInRange(100_000, 120_000);
        var places = survey.Places.ToDictionary(place => place.Use);
        places[DiskUse.Plugins].ShouldBe(places[DiskUse.Plugins] with { Path = "/opt/cni/bin", Mount = "/opt", Inodes = 50, IsWritable = true });
        places[DiskUse.Plugins].FreeBytes.ShouldBeInRange(1, 1 << 20);
        places[DiskUse.Plugins].FreeInodes.ShouldBeInRange(1, 49);
        places[DiskUse.Archives].IsWritable.ShouldBeFalse();
        places[DiskUse.Etcd].Path.ShouldBe("/etc/kubernetes/data");
        places[DiskUse.Etcd].FileSystem.ShouldBe(places[DiskUse.Kubernetes].FileSystem);
        places[DiskUse.State].Path.ShouldBe(PathOf("state"));
        Directory.Exists(PathOf("state")).ShouldBeFalse();
    }

    [Fact]
    public async Task ARepositoryThatDoesNotAnswerTheNodeIsSaid()
    {
        foreach (var tool in new[] { "dpkg-query", "apt-cache", "apt-get", "apt-mark", "systemctl" })
        {
            Stand.In(_directory.FullName, tool, "exit 1");
        }

        Stand.In(_directory.FullName, "curl", "echo 'curl: (6) Could not resolve host: mirror' >&2; exit 6");

        (await SurveyAsync("")).RepositoryProblem.ShouldBe("curl: (6) Could not resolve host: mirror");
    }

    [Theory]
    [InlineData("apt-get")]
    [InlineData("perl")]
    public async Task AToolThatIsMissingIsNamed(string tool)
    {
        Assert.SkipUnless(Environment.UserName == "root", "to hide a program takes root");
        foreach (var other in new[] { "dpkg-query", "apt-cache", "apt-get", "apt-mark", "systemctl" }.Where(each => each != tool))
        {
            Stand.In(_directory.FullName, other, "exit 1");
        }

        (await SurveyAsync($"mount --bind /dev/null /usr/bin/{tool}")).MissingTools.ShouldBe([tool]);
    }

    // Else a node whose packages were changed would look like one on which nothing is installed, before and after.
    [Fact]
    public async Task ADatabaseOfPackagesThatCannotBeReadIsAnError()
    {
        foreach (var tool in new[] { "apt-cache", "apt-get", "apt-mark", "systemctl" })
        {
            Stand.In(_directory.FullName, tool, "exit 0");
        }

        Stand.In(_directory.FullName, "dpkg-query", "echo 'dpkg-query: error: parsing file /var/lib/dpkg/status' >&2; exit 2");
        var commands = new NodeCommands(PathOf("state"));

        foreach (var command in new[] { commands.Inspect, commands.Survey(new KubeVersion(1, 34, 7), "http://mirror") })
        {
            var exit = await RunAsync(command);

            exit.ExitCode.ShouldBe(1);
            exit.Error.ShouldContain("which packages are installed on this node can not be read: dpkg-query ended with 2");
        }
    }

    [Theory]
    [InlineData("mkdir state; chown 1234 state")]
    [InlineData("mkdir elsewhere; ln -s elsewhere state")]
    public async Task NothingIsPutWhereAnotherUserMayHaveMadeThePlace(string made)
    {
        Assert.SkipUnless(Environment.UserName == "root", "to make what is another user's takes root");
        await ChildProcess.RunAsync(new ProcessStartInfo("sh", ["-c", made]) { WorkingDirectory = _directory.FullName }, null, TestContext.Current.CancellationToken);

        var exit = await RunAsync(new NodeCommands(PathOf("state")).Hook($"#!/bin/sh\ntouch {PathOf("canary")}\n"));

        Encoding.UTF8.GetString(exit.Output).ShouldContain("is not a directory of root's own");
        File.Exists(PathOf("canary")).ShouldBeFalse();
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private string PathOf(string name) => System.IO.Path.Combine(_directory.FullName, name);

    private string Path() => _directory.FullName + ":/usr/sbin:/usr/bin:/bin";

    /// <param name="before">What is done first, in mounts and processes that end with it.</param>
    private async Task<NodeSurvey> SurveyAsync(string before)
    {
        var command = new NodeCommands(PathOf("state")).Survey(new KubeVersion(1, 34, 7), "http://mirror");
        var start = before.Length == 0
            ? new ProcessStartInfo("sh", ["-c", command.Line])
            : new ProcessStartInfo(
                "unshare",
                ["--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-ec", $"mkdir -p /etc/kubernetes /opt /var/cache/apt /var/lib/dpkg\n{before}\nexec sh -c \"$1\"", "sh", command.Line]);
        start.Environment["PATH"] = Path();
        var exit = await ChildProcess.RunAsync(start, null, TestContext.Current.CancellationToken);
        exit.ExitCode.ShouldBe(0, exit.Error);
        return SurveyAnswer.Read(Encoding.UTF8.GetString(RemoteAnswer.Read(exit.Output).Output), "node3");
    }

    private Task<ChildExit> RunAsync(NodeCommand command) => ChildProcess.RunAsync(
        new ProcessStartInfo("/bin/sh", ["-c", command.Line]) { Environment = { ["PATH"] = Path() } },
        command.Input,
        TestContext.Current.CancellationToken);
}
