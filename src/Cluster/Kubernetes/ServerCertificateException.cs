namespace Stepper.Cluster.Kubernetes;

/// <summary>Who answered is not the API server that was meant, or can't prove it. Asking again does not help.</summary>
internal sealed class ServerCertificateException(string message) : SourceException(message);
