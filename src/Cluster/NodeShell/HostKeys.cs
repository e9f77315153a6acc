using System.Collections.Concurrent;

namespace Stepper.Cluster.NodeShell;

/// <summary>What ssh is to believe of a node's identity.</summary>
/// <param name="File">In the form of <c>known_hosts</c>; ours.</param>
/// <param name="Alias">The name under which the node's key stands there; null: its address and port, as ssh looks by itself.</param>
/// <param name="IsStrict">A node whose key is not there is refused; else its key is written there.</param>
internal sealed record KnownHost(string File, string? Alias, bool IsStrict);

/// <summary>
/// The host keys of the nodes: given by the operator, and then no other is accepted; else trusted on first use under the node's name, and remembered.
/// A key that differs from the one that is known is refused in both cases.
/// </summary>
public sealed class HostKeys
{
    private readonly string? _given;
    private readonly Func<CancellationToken, Task<IReadOnlyDictionary<string, string>>> _load;
    private readonly Func<string, string, CancellationToken, Task> _save;
    private readonly ConcurrentDictionary<string, string> _learned = new(StringComparer.Ordinal);
    private Task<IReadOnlyDictionary<string, string>>? _loading;

    private HostKeys(
        string? given, Func<CancellationToken, Task<IReadOnlyDictionary<string, string>>> load, Func<string, string, CancellationToken, Task> save)
    {
        _given = given;
        _load = load;
        _save = save;
    }

    /// <summary>Only these keys.</summary>
    /// <param name="knownHosts">The text of a <c>known_hosts</c> file. A node may stand there under its name or under its address, as <c>ssh-keyscan</c> writes it.</param>
    public static HostKeys Given(string knownHosts) =>
        new(knownHosts, _ => Task.FromResult<IReadOnlyDictionary<string, string>>(new Dictionary<string, string>(StringComparer.Ordinal)), (_, _, _) => Task.CompletedTask);

    /// <summary>The first key that a node shows is trusted and remembered.</summary>
    /// <param name="load">Reads what is remembered, once: lines of <c>known_hosts</c> by node name.</param>
    /// <param name="save">Remembers a node's lines; called once for a node that was not known. What it throws fails the command at hand.</param>
    public static HostKeys TrustedOnFirstUse(
        Func<CancellationToken, Task<IReadOnlyDictionary<string, string>>> load, Func<string, string, CancellationToken, Task> save) => new(null, load, save);

    internal bool AreGiven => _given is not null;

    /// <summary>Writes what is known of a node to a file of its own, so that two nodes never write the same one.</summary>
    internal async Task<KnownHost> ForAsync(NodeTarget node, int port, string file, CancellationToken ct)
    {
        var known = _given ?? _learned.GetValueOrDefault(node.Name) ?? (await LoadedAsync(ct)).GetValueOrDefault(node.Name, "");
        await File.WriteAllTextAsync(file, known.Length == 0 ? "" : known.TrimEnd('\n') + "\n", ct);
        // Strict once a key is known: else ssh takes a key of another kind (RSA beside the known ed25519) for a new one, and believes it.
        return AreGiven ? new KnownHost(file, NameIn(known, node.Name, port), IsStrict: true) : new KnownHost(file, node.Name, IsStrict: known.Length > 0);
    }

    /// <summary>To be called after ssh has accepted the node.</summary>
    internal async Task AcceptedAsync(NodeTarget node, KnownHost host, CancellationToken ct)
    {
        if (AreGiven || (await LoadedAsync(ct)).ContainsKey(node.Name))
        {
            return;
        }

        var shown = (await File.ReadAllTextAsync(host.File, ct)).Trim();
        if (shown.Length == 0)
        {
            // ssh only warns when it can't write. The next first use would then be another one.
            throw new ShellException($"the host key of {node.Name} could not be kept in {host.File}; is the disk full?", mayPass: false);
        }

        if (_learned.TryAdd(node.Name, shown))
        {
            await _save(node.Name, shown, ct);
        }
    }

    private async Task<IReadOnlyDictionary<string, string>> LoadedAsync(CancellationToken ct)
    {
        if (_loading is null or { IsFaulted: true } or { IsCanceled: true })
        {
            _loading = _load(ct);
        }

        return await _loading;
    }

    // As ssh-keyscan writes it where the port is not 22; null: by the address, as ssh itself looks.
    private static string? NameIn(string known, string name, int port) =>
        new[] { name, $"[{name}]:{port}" }.FirstOrDefault(each => KnownHostsFile.Names(known, each));
}
