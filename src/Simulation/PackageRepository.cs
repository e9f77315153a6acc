using System.Net;
using System.Text;
using Stepper.Cluster.Versions;

namespace Stepper.Simulation;

/// <summary>The package source of Kubernetes: a Debian repository per release line.</summary>
public sealed class PackageRepository
{
    private readonly SortedDictionary<KubeVersion, DateTimeOffset> _releases = [];

    /// <summary>No host answers.</summary>
    public bool IsAway { get; set; }

    /// <summary>What stands in its way: an answer of its own, or null where it lets through.</summary>
    public Func<HttpRequestMessage, HttpResponseMessage?> Instead { get; set; } = _ => null;

    public IEnumerable<KubeVersion> Releases => _releases.Keys;

    public void Offer(KubeVersion release, DateTimeOffset published) => _releases[release] = published;

    public void Withdraw(KubeVersion release) => _releases.Remove(release);

    internal IEnumerable<KubeVersion> Of(MinorVersion line) => _releases.Keys.Where(release => release.Line == line);

    internal HttpResponseMessage Answer(HttpRequestMessage request)
    {
        if (IsAway)
        {
            throw SimulatedNetwork.Refused(request.RequestUri!);
        }

        if (Instead(request) is { } other)
        {
            return other;
        }

        // /core:/stable:/v1.34/deb/<file>
        var parts = Uri.UnescapeDataString(request.RequestUri!.AbsolutePath).Split('/', StringSplitOptions.RemoveEmptyEntries);
        var at = Array.FindIndex(parts, part => MinorVersion.TryParse(part, out _));
        if (at < 0 || !MinorVersion.TryParse(parts[at], out var line) || !Of(line).Any())
        {
            return new HttpResponseMessage(HttpStatusCode.Forbidden) { Content = new StringContent("<Error><Code>AccessDenied</Code></Error>") };
        }

        return string.Join('/', parts[(at + 1)..]) switch
        {
            "deb/Release" => Text("Origin: obs://build.opensuse.org/isv:kubernetes:core:stable\nLabel: isv:kubernetes:core:stable\n"),
            "deb/Packages" => Text(Packages(line)),
            var file => File(file),
        };
    }

    private static HttpResponseMessage Text(string text) => new(HttpStatusCode.OK) { Content = new StringContent(text) };

    // A package's own file: only its age is of interest.
    private HttpResponseMessage File(string file)
    {
        foreach (var (release, published) in _releases)
        {
            if (file.EndsWith($"kubeadm_{release}-1.1_amd64.deb", StringComparison.Ordinal))
            {
                var answer = new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent([]) };
                answer.Content.Headers.LastModified = published;
                return answer;
            }
        }

        return new HttpResponseMessage(HttpStatusCode.NotFound) { Content = new StringContent("") };
    }

    private string Packages(MinorVersion line)
    {
        var text = new StringBuilder();
        Add("cri-tools", $"{line}.0-1.1");
        Add("kubernetes-cni", "1.7.1-1.1");
        foreach (var package in new[] { "kubeadm", "kubectl", "kubelet" })
        {
            foreach (var release in Of(line))
            {
                Add(package, $"{release}-1.1");
            }
        }

        return text.ToString();

        void Add(string package, string version) => text.Append(
            $"Package: {package}\nVersion: {version}\nPriority: optional\nSection: admin\nMaintainer: Kubernetes Authors <dev@kubernetes.io>\n"
            + $"Architecture: amd64\nFilename: amd64/{package}_{version}_amd64.deb\nSize: 12000000\n\n");
    }
}
