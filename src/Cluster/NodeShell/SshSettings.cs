namespace Stepper.Cluster.NodeShell;

/// <summary>How nodes are reached: the settings <c>ssh.*</c>.</summary>
/// <param name="KeyFile">A private key without a passphrase; its mode does not matter, ssh gets a copy.</param>
/// <param name="ConnectTimeout">Whole seconds; at least one.</param>
public sealed record SshSettings(string User, int Port, string KeyFile, TimeSpan ConnectTimeout);
