using Stepper.Cluster.NodeShell;
using Stepper.Cluster.Versions;
using Stepper.Simulation.Controllers;

namespace Stepper.Simulation.Nodes;

/// <summary>
/// The node script as a state machine: its stages take their time, and each changes the node at its end, as <c>scripts/update_k8s.sh</c> does. A rerun
/// finds what is done.
/// </summary>
internal sealed class NodeScriptMachine(ControlPlane plane, PackageRepository packages, Kubelet kubelet, NodeScriptRun run)
{
    private readonly Queue<string> _stages = new();
    private KubeadmUpgrade? _kubeadm;

    private SimulatedNode Node => kubelet.Node;

    private KubeVersion Release => run.Script.Release;

    public void Start()
    {
        if (Refusal() is { } refusal)
        {
            plane.Time.After(TimeSpan.FromMilliseconds(300), () => End(2, $"update_k8s.sh: {refusal}"));
            return;
        }

        _stages.Enqueue("source");
        _stages.Enqueue("kubeadm");
        if (run.Script is { FirstControlPlane: true } && !KubeadmIsDone)
        {
            _stages.Enqueue("plan");
        }

        _stages.Enqueue(KubeadmStage);
        _stages.Enqueue("kubelet");
        _stages.Enqueue("hold");
        _stages.Enqueue("restart");
        _stages.Enqueue("done");
        Next();
    }

    private string KubeadmStage => run.Script.FirstControlPlane ? "apply" : "node";

    private bool KubeadmIsDone => run.Script.Role == ScriptRole.Master
        ? KubeadmImages.Components.All(component => Node.StaticPods.TryGetValue(component, out var image) && KubeadmImages.VersionOf(image) == Release)
        : Node.Installed("kubelet") == Release;

    // Null when it may begin.
    private string? Refusal()
    {
        if (run.Script.Role == ScriptRole.Master && !Node.IsControlPlane)
        {
            return "--role is master, but /etc/kubernetes/manifests/kube-apiserver.yaml is not there; is this a worker?";
        }

        foreach (var (what, version) in new[] { ("kubeadm", Node.Installed("kubeadm")), ("kubelet", Node.Installed("kubelet")) })
        {
            if (version > Release)
            {
                return $"{what} is at {version}, which is newer than {Release}; a downgrade is not supported. Ask for {version} or newer.";
            }

            if (Release.Minor > version.Minor + 1)
            {
                return $"{what} is at {version}; {Release} would jump over a minor. Go to the newest release of the minor between them first.";
            }
        }

        return null;
    }

    private void Next()
    {
        if (run.State != ScriptState.Running)
        {
            return;
        }

        var stage = _stages.Dequeue();
        run.Stage = stage;
        run.Say($"stage: {stage}");
        var takes = IsDone(stage) ? TimeSpan.FromSeconds(1) : Node.Script.DurationOf(stage);
        Begin(stage, takes);
        plane.Time.After(takes, () => Finish(stage));
    }

    // What there is left to do takes its time; what is done is only looked at.
    private bool IsDone(string stage) => stage switch
    {
        "kubeadm" => Node.Installed("kubeadm") == Release,
        "apply" or "node" => KubeadmIsDone,
        "kubelet" => Node.Installed("kubelet") == Release && Node.Installed("kubectl") == Release,
        _ => false,
    };

    private void Begin(string stage, TimeSpan takes)
    {
        if (IsDone(stage))
        {
            run.Say(stage is "apply" or "node" ? $"kubeadm's part is done at {Release} already" : $"{stage} is at {SimulatedNode.PackageOf(Release)} already");
        }
        else if (stage is "kubeadm")
        {
            Node.Held.Remove("kubeadm");
        }
        else if (stage is "kubelet")
        {
            Node.Held.Remove("kubelet");
            Node.Held.Remove("kubectl");
        }
        else if (stage is "apply" or "node" && !Fails(stage))
        {
            _kubeadm = new KubeadmUpgrade(run, Node);
            if (run.Script.Role == ScriptRole.Master)
            {
                _kubeadm.SayTo("[upgrade/staticpods] Preparing for \"kube-apiserver\" upgrade");
                plane.Time.After(takes / 3, SwapStaticPods);
            }
        }
    }

    // The API server goes, its manifest is another, and it comes back.
    private void SwapStaticPods()
    {
        if (run.State != ScriptState.Running)
        {
            return;
        }

        _kubeadm?.SayTo("[upgrade/staticpods] Waiting for the kubelet to restart the component");
        plane.SetApiServer(Node.Name, up: false);
        plane.Time.After(Node.Script.ApiServerAway, () =>
        {
            if (run.State != ScriptState.Running)
            {
                // kubeadm died in the middle; the kubelet has the manifest and brings the server up.
                plane.SetApiServer(Node.Name, Node.IsAlive);
                return;
            }

            Node.StaticPods = KubeadmImages.StaticPods(Release);
            Node.FlagsByHand.Clear();
            plane.SetApiServer(Node.Name, up: true);
            kubelet.StaticPodsChanged();
            _kubeadm?.SayTo("[upgrade/staticpods] Component \"kube-apiserver\" upgraded successfully!");
        });
    }

    private bool Fails(string stage) => Node.Script.FailsAt == stage && Node.Script.FailsTimes > 0;

    private void Finish(string stage)
    {
        if (run.State != ScriptState.Running)
        {
            return;
        }

        if (Fails(stage))
        {
            Node.Script = Node.Script with { FailsTimes = Node.Script.FailsTimes - 1 };
            Fail(Node.Script.FailsWith);
            return;
        }

        if (Change(stage) is { } problem)
        {
            Fail(problem);
        }
        else if (_stages.Count == 0)
        {
            End(0, null);
        }
        else
        {
            Next();
        }
    }

    private void Fail(string words)
    {
        foreach (var package in NodeInspection.KubernetesPackages)
        {
            Node.Held.Add(package);
        }

        End(1, words);
    }

    // Null when it went well.
    private string? Change(string stage)
    {
        switch (stage)
        {
            case "source":
                Node.Source = Release.Line;
                return null;
            case "kubeadm":
                return Install("kubeadm");
            case "kubelet":
                return Install("kubelet") ?? Install("kubectl");
            case "plan":
                run.SayAll(KubeadmPlan.Of(plane, Node, Release, run.Script.IgnorePreflightErrors).Output);
                return null;
            case "apply" or "node" when run.Script.Role == ScriptRole.Master && !KubeadmIsDone:
                return $"update_k8s.sh: kubeadm upgrade {stage} ended well, but the static pods are not at {Release}.";
            case "apply" or "node":
                _kubeadm?.SayRest();
                return null;
            case "hold":
                return Hold();
            case "restart":
                kubelet.Restart();
                return null;
            default:
                return null;
        }
    }

    private string? Install(string package)
    {
        if (!packages.Releases.Contains(Release))
        {
            return $"update_k8s.sh: {run.Script.Repository} has no {package} {Release}. Nothing was installed.";
        }

        Node.Packages[package] = SimulatedNode.PackageOf(Release);
        Node.Held.Add(package);
        return null;
    }

    private string? Hold()
    {
        foreach (var package in NodeInspection.KubernetesPackages)
        {
            Node.Held.Add(package);
        }

        return null;
    }

    private void End(int exitCode, string? words)
    {
        if (words is not null)
        {
            run.Say(words);
        }

        run.End(ScriptState.Ended, exitCode);
    }
}
