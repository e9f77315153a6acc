using System.Security.Cryptography.X509Certificates;

namespace Stepper.Cluster.Kubernetes.Authentication;

/// <summary>A certificate that says who we are.</summary>
/// <param name="Leaf">With its private key.</param>
/// <param name="Chain">Those that signed it, as far as they were given; shown with it.</param>
internal sealed record ClientCertificate(X509Certificate2 Leaf, X509Certificate2Collection Chain);
