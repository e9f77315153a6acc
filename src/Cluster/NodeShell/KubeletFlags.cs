namespace Stepper.Cluster.NodeShell;

/// <summary>What a node's kubelet was started with.</summary>
/// <param name="Words">The words of its command line after the program.</param>
/// <param name="Kubeadms">Those of them that stand in <c>/var/lib/kubelet/kubeadm-flags.env</c>, which kubeadm keeps.</param>
public sealed record KubeletFlags(IReadOnlyList<string> Words, IReadOnlyList<string> Kubeadms)
{
    /// <summary>The words that come from elsewhere: <c>/etc/default/kubelet</c>, the unit of systemd.</summary>
    public IReadOnlyList<string> NotKubeadms
    {
        get
        {
            var left = Words.ToList();
            foreach (var word in Kubeadms)
            {
                left.Remove(word);
            }

            return left;
        }
    }

    /// <summary>Reads what <c>kubelet.sh</c> prints: a line for each word.</summary>
    /// <exception cref="SourceException">Not the answer that was asked for.</exception>
    internal static KubeletFlags Read(string text, string node)
    {
        List<string> words = [], kubeadms = [];
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            switch (line.Split(' ', 2))
            {
                case ["word", var word]:
                    words.Add(word);
                    break;
                case ["kubeadm", var word]:
                    kubeadms.Add(word);
                    break;
                default:
                    throw new SourceException($"{node} answered \"{SshFailure.Says(line)}\" when it was asked how its kubelet was started, which can't be read");
            }
        }

        return words.Count == 0 ? throw new SourceException($"{node} did not say how its kubelet was started") : new KubeletFlags(words, kubeadms);
    }
}
