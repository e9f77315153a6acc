using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Stepper.Cluster.Tests;

/// <summary>A server on loopback that answers each connection with the bytes it is given, whatever HTTP would have to say to them.</summary>
public sealed class RawServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _over = new();
    private readonly Func<NetworkStream, CancellationToken, Task> _answer;
    private readonly Task _serving;

    /// <param name="answer">Writes the answer; then the connection is closed.</param>
    public RawServer(Func<NetworkStream, CancellationToken, Task> answer)
    {
        _answer = answer;
        _listener.Start();
        _serving = ServeAsync();
    }

    public RawServer(string answer)
        : this((stream, ct) => stream.WriteAsync(Encoding.UTF8.GetBytes(answer), ct).AsTask())
    {
    }

    public Uri Address => new($"http://{_listener.LocalEndpoint}/");

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        _listener.Dispose();
        await _serving;
        _over.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync(_over.Token);
                await using var stream = client.GetStream();
                await ReadHeadAsync(stream);
                await _answer(stream, _over.Token);
            }
        }
        catch (Exception e) when (_over.IsCancellationRequested || e is SocketException or IOException)
        {
            // The test is over, or the other side had enough.
        }
    }

    private async Task ReadHeadAsync(NetworkStream stream)
    {
        var head = new StringBuilder();
        var part = new byte[4096];
        while (!head.ToString().Contains("\r\n\r\n", StringComparison.Ordinal))
        {
            head.Append(Encoding.ASCII.GetString(part, 0, await stream.ReadAsync(part, _over.Token)));
        }
    }
}
