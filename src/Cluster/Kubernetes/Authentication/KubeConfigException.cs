namespace Stepper.Cluster.Kubernetes.Authentication;

/// <summary>There is no way to the API server in what was given. The message names the file, the context and what is missing.</summary>
public sealed class KubeConfigException(string message, Exception? inner = null) : SourceException(message, inner);
