namespace Stepper.Cluster.Kubernetes.Authentication;

/// <summary>A token in a file that the kubelet replaces long before it runs out. Read again each minute, and at once when the API server refuses it.</summary>
/// <param name="certificate">To be shown beside it; null for none.</param>
/// <param name="where">For a message: who names this file.</param>
internal sealed class TokenFile(string path, ClientCertificate? certificate, string where, TimeProvider time) : ICredentials
{
    private static readonly TimeSpan ReadAgainAfter = TimeSpan.FromMinutes(1);

    private Credential? _read;
    private DateTimeOffset _readAt;

    public async Task<Credential> CurrentAsync(CancellationToken ct)
    {
        if (_read is { } known && time.GetUtcNow() - _readAt < ReadAgainAfter)
        {
            return known;
        }

        try
        {
            var text = (await File.ReadAllTextAsync(path, ct)).Trim();
            if (text.Length > 0)
            {
                _read = Credential.Of(text, certificate, where);
                _readAt = time.GetUtcNow();
            }
        }
        catch (Exception e) when (_read is null && e is IOException or UnauthorizedAccessException)
        {
            throw new KubeConfigException($"{where}: the token {path} can't be read: {e.Message}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // In the middle of being replaced, perhaps. The one that is known is still good, or will be refused.
        }

        return _read ?? throw new KubeConfigException($"{where}: the token {path} is empty");
    }

    public bool Renew(Credential refused)
    {
        _readAt = DateTimeOffset.MinValue;
        return true;
    }
}
