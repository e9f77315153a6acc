using System.Text;

namespace Stepper.Simulation.Api;

/// <summary>What containers wrote. The kubelets append; the API server reads. Kept by the pod's uid, and gone with the pod.</summary>
public sealed class PodLogs
{
    private readonly Dictionary<(string Uid, string Container), StringBuilder> _texts = [];

    public void Append(string podUid, string container, string text)
    {
        if (!_texts.TryGetValue((podUid, container), out var log))
        {
            _texts[(podUid, container)] = log = new StringBuilder();
        }

        log.Append(text);
    }

    /// <summary>Empty where nothing was written.</summary>
    public string Read(string podUid, string container) => _texts.TryGetValue((podUid, container), out var log) ? log.ToString() : "";

    /// <summary>The pod is gone, and what it wrote with it.</summary>
    public void Forget(string podUid)
    {
        foreach (var key in _texts.Keys.Where(key => key.Uid == podUid).ToList())
        {
            _texts.Remove(key);
        }
    }
}
