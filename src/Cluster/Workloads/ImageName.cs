namespace Stepper.Cluster.Workloads;

/// <summary>The name of a container image, taken apart: <c>registry:5000/path/name:tag@sha256:…</c>.</summary>
/// <param name="Repository">What stands before the tag and the digest, with the registry where one is named.</param>
/// <param name="Tag">Empty where there is none.</param>
/// <param name="IsPinned">It is named by digest.</param>
public sealed record ImageName(string Repository, string Tag, bool IsPinned)
{
    public static ImageName Read(string image)
    {
        var name = image.Split('@')[0];
        var colon = name.LastIndexOf(':');
        var hasTag = colon > name.LastIndexOf('/');
        return new ImageName(hasTag ? name[..colon] : name, hasTag ? name[(colon + 1)..] : "", image.Contains('@', StringComparison.Ordinal));
    }

    /// <summary>Whether its repository ends with a path, in whole parts: <c>mirror.corp/x/cilium/cilium</c> does with <c>cilium/cilium</c>.</summary>
    public bool IsOf(string path) =>
        Repository.EndsWith(path, StringComparison.Ordinal) && (Repository.Length == path.Length || Repository[^(path.Length + 1)] == '/');
}
