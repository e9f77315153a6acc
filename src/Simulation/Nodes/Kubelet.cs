using System.Text.Json.Nodes;
using Stepper.Simulation.Api;
using Stepper.Simulation.Controllers;

namespace Stepper.Simulation.Nodes;

/// <summary>What runs the pods of one node, and says how the node is.</summary>
internal sealed class Kubelet(ControlPlane plane, ContainerHost host, NodeLifecycle lifecycle, SimulatedNode node)
{
    private static readonly TimeSpan RestartTakes = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan BootTakes = TimeSpan.FromSeconds(45);

    private readonly Dictionary<string, PodRun> _pods = new(StringComparer.Ordinal);
    private List<PodRun> _waitingForFiles = [];

    public SimulatedNode Node => node;

    private ObjectKey Key => new("", node.Name);

    /// <summary>A pod of this node was made, changed or taken away.</summary>
    public void Follow(StoreChange change)
    {
        if (change.Type == ChangeType.Deleted)
        {
            if (_pods.Remove(change.Object.Uid(), out var gone))
            {
                gone.Abandon();
            }

            host.Logs.Forget(change.Object.Uid());
            RemakeStaticPods();
            return;
        }

        if (node.IsAlive)
        {
            See(change.Object);
        }
    }

    /// <summary>Something that pods mount was made.</summary>
    public void FilesChanged()
    {
        var waiting = _waitingForFiles;
        _waitingForFiles = [];
        waiting.ForEach(pod => pod.Begin());
    }

    public void WaitForFiles(PodRun pod) => _waitingForFiles.Add(pod);

    /// <summary>Does a write to the API as soon as that is possible; never, when the node is dead by then.</summary>
    public void Write(Action write)
    {
        var boot = node.Boots;
        plane.WhenUp(() =>
        {
            if (node.IsAlive && boot == node.Boots)
            {
                write();
            }
        });
    }

    /// <summary>The pod's processes are killed, as by the node's own out-of-memory killer.</summary>
    public void KillPod(string uid) => _pods.GetValueOrDefault(uid)?.Kill();

    /// <summary>Starts again, with what is installed by now. Pods run on meanwhile.</summary>
    public void Restart()
    {
        node.KubeletRuns = false;
        plane.Time.After(RestartTakes, () =>
        {
            node.StartKubelet();
            if (node.NeverReadyAfterRestart || node.NotReadyAfterRestart > TimeSpan.Zero)
            {
                Write(() => SetReady(false));
                if (!node.NeverReadyAfterRestart)
                {
                    plane.Time.After(node.NotReadyAfterRestart, () => Write(() => SetReady(true)));
                }
            }

            plane.Time.After(node.KubeletReportsAfter, () => Write(WriteInfo));
        });
    }

    /// <summary>The machine is gone, from one moment to the next. What ran there never says another word.</summary>
    public void Die()
    {
        node.IsAlive = false;
        node.KubeletRuns = false;
        node.RunningScript?.End(Cluster.NodeShell.ScriptState.Rebooted, null);
        plane.SetApiServer(node.Name, up: false);
        foreach (var pod in _pods.Values)
        {
            pod.Abandon();
        }

        _pods.Clear();
        var boot = node.Boots;
        lifecycle.KubeletStopped(node.Name, () => node.IsAlive || node.Boots != boot);
    }

    /// <summary>The machine comes back after it had died, or starts again.</summary>
    public void Boot()
    {
        if (node.IsAlive)
        {
            Die();
        }

        plane.Time.After(BootTakes, () =>
        {
            node.IsAlive = true;
            node.Boots++;
            node.StartKubelet();
            plane.SetApiServer(node.Name, up: true);
            Write(() =>
            {
                WriteInfo();
                SetReady(!node.NeverReadyAfterRestart);
                foreach (var pod in plane.Pods.OnNode(node.Name).ToList())
                {
                    TakeUpAfterBoot(pod);
                }

                RemakeStaticPods();
            });
        });
    }

    /// <summary>The manifests have changed: the mirror pods follow.</summary>
    public void StaticPodsChanged()
    {
        foreach (var pod in StaticPods.MirrorsOf(plane, node).Where(pod => !StaticPods.IsCurrent(node, pod)).ToList())
        {
            Write(() => plane.Delete(Kinds.Pod, pod, graceSeconds: 0));
        }

        RemakeStaticPods();
    }

    /// <summary>What the machine says of itself, for the first time.</summary>
    public void Register(DateTimeOffset readySince) => WriteConditions("True", readySince);

    public void SetReady(bool ready) => plane.Change(Kinds.Node, Key, changed =>
    {
        foreach (var condition in NodeConditions.Troubles)
        {
            changed.SetCondition(condition, "False", NodeConditions.ReasonOf(condition), null, plane.Now);
        }

        changed.SetCondition(
            "Ready", ready ? "True" : "False", ready ? "KubeletReady" : "KubeletNotReady", ready ? "kubelet is posting ready status" : "container runtime is not ready", plane.Now);
    });

    private void WriteConditions(string ready, DateTimeOffset since) => plane.Change(Kinds.Node, Key, changed =>
    {
        foreach (var condition in NodeConditions.Troubles)
        {
            changed.SetCondition(condition, "False", NodeConditions.ReasonOf(condition), null, since);
        }

        changed.SetCondition("Ready", ready, "KubeletReady", "kubelet is posting ready status", since);
    });

    private void WriteInfo() => plane.Change(Kinds.Node, Key, changed =>
    {
        var info = changed.Child("status").Child("nodeInfo");
        info["kubeletVersion"] = $"v{node.Kubelet}";
        info["containerRuntimeVersion"] = $"containerd://{node.Packages["containerd.io"].Split('-')[0]}";
        info["bootID"] = node.BootId;
    });

    private void See(JsonObject pod)
    {
        if (pod.IsFinished())
        {
            // Nothing runs of it, so that nothing has to end before it goes.
            if (pod.IsBeingDeleted())
            {
                Write(() => plane.Delete(Kinds.Pod, pod, graceSeconds: 0));
            }

            return;
        }

        if (_pods.TryGetValue(pod.Uid(), out var known))
        {
            known.See(pod);
            return;
        }

        var run = new PodRun(plane, host, this, pod);
        _pods[pod.Uid()] = run;
        if (pod.IsBeingDeleted())
        {
            run.See(pod);
        }
        else
        {
            run.Begin();
        }
    }

    private void TakeUpAfterBoot(JsonObject pod)
    {
        if (pod.IsFinished() || pod.IsBeingDeleted() || pod.Text("status", "phase") == "Pending" || pod.Text("spec", "restartPolicy") is not ("Never" or "OnFailure"))
        {
            See(pod);
            return;
        }

        plane.Change(Kinds.Pod, pod.Key(), changed =>
        {
            changed["status"]!["phase"] = "Failed";
            changed.SetCondition("Ready", "False", "PodFailed", null, plane.Now);
            foreach (var container in changed.Items("status", "containerStatuses"))
            {
                container["state"] = new JsonObject
                {
                    ["terminated"] = new JsonObject { ["exitCode"] = 137, ["reason"] = "ContainerStatusUnknown", ["finishedAt"] = plane.Now.AsField() },
                };
            }
        });
    }

    private void RemakeStaticPods()
    {
        if (node.IsAlive && node.IsControlPlane)
        {
            plane.Time.After(RestartTakes, () => Write(() => StaticPods.MakeMissing(plane, node)));
        }
    }
}
