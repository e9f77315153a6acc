namespace Stepper.Cluster.Kubernetes.Authentication;

/// <summary>An API server, and how it is talked to.</summary>
/// <param name="Address">Ends with a slash: paths are relative to it.</param>
/// <param name="Handler">Authenticates, and believes only the cluster's own certificate authority.</param>
/// <param name="Namespace">Where a name without one is meant to be.</param>
/// <param name="Origin">For a person: where this was found.</param>
public sealed record KubeConnection(Uri Address, HttpMessageHandler Handler, string Namespace, string Origin)
{
    /// <summary>
    /// Finds the cluster as kubectl does: a kubeconfig that was named, those of <c>KUBECONFIG</c>, the pod that this runs in, <c>~/.kube/config</c>.
    /// </summary>
    /// <param name="environment">An environment variable by its name; null where it is not set.</param>
    /// <param name="kubeConfig">A kubeconfig that must be there; null: none was named.</param>
    /// <param name="context">A context of the kubeconfig; null: its current one.</param>
    /// <exception cref="KubeConfigException">There is none, or it is not enough.</exception>
    public static KubeConnection Find(Func<string, string?> environment, string? kubeConfig, string? context, TimeProvider time)
    {
        if (kubeConfig is not null)
        {
            return KubeConfig.Read([kubeConfig], mustExist: true).Connection(environment, context, time);
        }

        if (environment("KUBECONFIG") is { Length: > 0 } several)
        {
            return KubeConfig.Read(several.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries), mustExist: false).Connection(environment, context, time);
        }

        if (context is null && InPod.Find(environment, InPod.ServiceAccount, time) is { } inPod)
        {
            return inPod;
        }

        var own = Path.Combine(environment("HOME") ?? "/", ".kube", "config");
        return File.Exists(own)
            ? KubeConfig.Read([own], mustExist: true).Connection(environment, context, time)
            : throw new KubeConfigException($"no cluster is known: {InPod.WhyNot(environment, InPod.ServiceAccount)}, KUBECONFIG is not set, and there is no {own}. Set KUBECONFIG to a kubeconfig");
    }

    /// <summary>A base address with a slash at its end, without which its last part would be replaced by what is asked for.</summary>
    internal static Uri Slashed(Uri address) => address.AbsoluteUri.EndsWith('/') ? address : new Uri(address.AbsoluteUri + "/");
}
