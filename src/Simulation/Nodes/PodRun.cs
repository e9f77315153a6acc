using System.Globalization;
using System.Text.Json.Nodes;
using Stepper.Simulation.Api;
using Stepper.Simulation.Controllers;
using Stepper.Simulation.Processes;

namespace Stepper.Simulation.Nodes;

/// <summary>One pod on its node, from the start of its containers to their end.</summary>
internal sealed class PodRun
{
    private static readonly TimeSpan StartTakes = TimeSpan.FromSeconds(1.6);
    private static readonly TimeSpan StatusTakes = TimeSpan.FromMilliseconds(80);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    private readonly ControlPlane _plane;
    private readonly ContainerHost _host;
    private readonly Kubelet _kubelet;
    private readonly ObjectKey _key;
    private readonly string _uid;
    private readonly List<SimulatedProcess> _processes = [];
    private readonly Dictionary<string, int> _exitCodes = new(StringComparer.Ordinal);
    private JsonObject _pod;
    private bool _runs;
    private bool _ending;
    private bool _over;
    private int _restarts;
    private DateTimeOffset _killAt = DateTimeOffset.MaxValue;
    private DateTimeOffset _started;

    public PodRun(ControlPlane plane, ContainerHost host, Kubelet kubelet, JsonObject pod)
    {
        _plane = plane;
        _host = host;
        _kubelet = kubelet;
        _pod = pod;
        _key = pod.Key();
        _uid = pod.Uid();
        _restarts = pod.Items("status", "containerStatuses").Select(status => status.Number("restartCount") + 1).FirstOrDefault();
    }

    private bool Restarts => _pod.Text("spec", "restartPolicy") is not ("Never" or "OnFailure");

    private IEnumerable<JsonObject> Containers => _pod.Items("spec", "containers");

    public void Begin() => _plane.Time.After(StartTakes * (0.75 + (_plane.Chance.NextDouble() / 2)), Start);

    /// <summary>The pod has changed: told to end, perhaps, or to end sooner.</summary>
    public void See(JsonObject pod)
    {
        _pod = pod;
        if (!pod.IsBeingDeleted() || _over)
        {
            return;
        }

        var killAt = _plane.Now.AddSeconds(pod.Number("metadata", "deletionGracePeriodSeconds"));
        if (killAt < _killAt)
        {
            _killAt = killAt;
            _plane.Time.After(killAt - _plane.Now, KillIfDue);
        }

        if (!_ending)
        {
            _ending = true;
            _plane.Time.After(StatusTakes, Terminate);
        }
    }

    /// <summary>The pod is gone from the API, or its node is: nothing of it runs on.</summary>
    public void Abandon()
    {
        _over = true;
        _runs = false;
        foreach (var process in _processes.ToList())
        {
            process.Kill();
        }
    }

    /// <summary>SIGKILL to all its processes; the kubelet sees it and goes on by the pod's restart policy.</summary>
    public void Kill()
    {
        foreach (var container in Containers.Where(_ => _runs).ToList())
        {
            Exit(container.Text("name"), 137);
        }
    }

    private void Start()
    {
        if (_over || _ending || _runs)
        {
            return;
        }

        if (_host.FilesOf(_pod, Containers.First()).Missing() is { } missing)
        {
            _kubelet.WaitForFiles(this);
            _plane.WhenUp(() => _plane.Record(_pod, "Pod", "Warning", "FailedMount", $"MountVolume.SetUp failed: {missing}"));
            return;
        }

        _runs = true;
        _started = _plane.Now;
        _exitCodes.Clear();
        _processes.Clear();
        WriteStatus();
        var readyAfter = Seconds("simulation/ready-after");
        if (readyAfter > TimeSpan.Zero)
        {
            _plane.Time.After(readyAfter, WriteStatus);
        }

        foreach (var container in Containers.ToList())
        {
            var name = container.Text("name");
            if (_host.Start(_pod, container, code => Exit(name, code)) is { } process && !process.IsOver)
            {
                _processes.Add(process);
            }
        }
    }

    private void Terminate()
    {
        if (!_runs)
        {
            _plane.WhenUp(Finish);
            return;
        }

        WriteStatus();
        if (_processes.Count > 0)
        {
            foreach (var process in _processes.ToList())
            {
                process.Terminate();
            }

            return;
        }

        _plane.Time.After(Seconds("simulation/ends-after"), () => ExitAll(0));
    }

    private void KillIfDue()
    {
        if (_plane.Now >= _killAt)
        {
            ExitAll(137);
        }
    }

    private void ExitAll(int code)
    {
        foreach (var container in Containers.Where(_ => _runs && !_over).ToList())
        {
            Exit(container.Text("name"), code);
        }
    }

    private void Exit(string container, int code)
    {
        if (_over || !_runs || !_exitCodes.TryAdd(container, code))
        {
            return;
        }

        foreach (var process in _processes.Where(process => code == 137 && !process.IsOver).ToList())
        {
            process.Kill();
        }

        // A container that just runs beside the one that ended, in a pod that is not restarted, ends with it: nothing waits for it.
        var left = Containers.Count(each => !_exitCodes.ContainsKey(each.Text("name")));
        if (left > 0 && (_ending || Restarts || _processes.Exists(process => !process.IsOver)))
        {
            return;
        }

        _runs = false;
        _plane.Time.After(StatusTakes, () => _kubelet.Write(Ended));
    }

    private void Ended()
    {
        if (_over)
        {
            return;
        }

        if (_ending)
        {
            Finish();
            return;
        }

        WriteStatus();
        if (Restarts || (_pod.Text("spec", "restartPolicy") == "OnFailure" && _exitCodes.Values.Any(code => code != 0)))
        {
            var pause = FirstPause * Math.Pow(2, Math.Min(_restarts++, 10));
            _plane.Time.After(pause < LongestPause ? pause : LongestPause, Start);
        }
        else
        {
            _over = true;
        }
    }

    // The last word of a pod that was deleted: its status, and then it is gone.
    private void Finish()
    {
        if (_over)
        {
            return;
        }

        _runs = false;
        _plane.Change(Kinds.Pod, _key, changed => WriteStatus(changed, isLast: true));
        _over = true;
        _plane.Delete(Kinds.Pod, _pod, graceSeconds: 0);
    }

    private void WriteStatus() => _kubelet.Write(() =>
    {
        if (_plane.Store.Find(Kinds.Pod, _key.Namespace, _key.Name)?.Uid() == _uid)
        {
            _plane.Change(Kinds.Pod, _key, changed => WriteStatus(changed, isLast: false));
        }
    });

    private void WriteStatus(JsonObject pod, bool isLast)
    {
        var status = pod.Child("status");
        status["startTime"] ??= _started.AsField();
        var failed = _exitCodes.Values.Any(code => code != 0);
        var isFinal = isLast || (!_runs && _exitCodes.Count > 0 && !Restarts && !(pod.Text("spec", "restartPolicy") == "OnFailure" && failed));
        status["phase"] = isFinal ? failed || _exitCodes.Count == 0 ? "Failed" : "Succeeded" : "Running";
        var ready = _runs && !_ending && _plane.Now - _started >= Seconds("simulation/ready-after");
        var reason = isFinal ? "PodCompleted" : ready ? null : "ContainersNotReady";
        pod.SetCondition("Initialized", "True", null, null, _plane.Now);
        pod.SetCondition("Ready", ready ? "True" : "False", reason, null, _plane.Now);
        pod.SetCondition("ContainersReady", ready ? "True" : "False", reason, null, _plane.Now);
        status["containerStatuses"] = new JsonArray([.. Containers.Select(container => ContainerStatus(container, ready))]);
    }

    private JsonObject ContainerStatus(JsonObject container, bool ready)
    {
        var name = container.Text("name");
        JsonObject state = _exitCodes.TryGetValue(name, out var code)
            ? new JsonObject
            {
                ["terminated"] = new JsonObject
                {
                    ["exitCode"] = code,
                    ["reason"] = code == 0 ? "Completed" : "Error",
                    ["startedAt"] = _started.AsField(),
                    ["finishedAt"] = _plane.Now.AsField(),
                },
            }
            : _runs
                ? new JsonObject { ["running"] = new JsonObject { ["startedAt"] = _started.AsField() } }
                : new JsonObject { ["waiting"] = new JsonObject { ["reason"] = "ContainerCreating" } };
        return new JsonObject
        {
            ["name"] = name,
            ["image"] = container.Text("image"),
            ["ready"] = ready,
            ["started"] = _runs,
            ["restartCount"] = _restarts,
            ["state"] = state,
        };
    }

    private TimeSpan Seconds(string annotation) =>
        _pod.Annotation(annotation) is { Length: > 1 } text && double.TryParse(text.TrimEnd('s'), CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(seconds)
            : TimeSpan.Zero;
}
