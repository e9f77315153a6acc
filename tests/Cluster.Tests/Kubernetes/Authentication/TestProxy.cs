using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Stepper.Cluster.Tests.Kubernetes.Authentication;

/// <summary>A proxy on loopback that opens tunnels, as http or https (CONNECT), or as SOCKS 5.</summary>
internal sealed class TestProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly string _scheme;
    private readonly X509Certificate2? _certificate;
    private readonly Task _serving;

    /// <param name="certificate">Of a proxy of https.</param>
    public TestProxy(string scheme, X509Certificate2? certificate = null)
    {
        _scheme = scheme;
        _certificate = certificate;
        _listener.Start();
        _serving = ServeAsync();
    }

    /// <summary>The host and port of each tunnel, as it was asked for.</summary>
    public List<string> Tunnels { get; } = [];

    public string Address => $"{_scheme}://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _serving;
        _listener.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                _ = TunnelAsync(await _listener.AcceptTcpClientAsync());
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It is over.
        }
    }

    private async Task TunnelAsync(TcpClient accepted)
    {
        using var client = accepted;
        Stream stream = client.GetStream();
        if (_certificate is not null)
        {
            var tls = new SslStream(stream);
            await tls.AuthenticateAsServerAsync(_certificate);
            stream = tls;
        }

        var (host, port) = _scheme == "socks5" ? await SocksAsync(stream) : await ConnectAsync(stream);
        Tunnels.Add($"{host}:{port}");
        using var server = new TcpClient();
        await server.ConnectAsync(IPAddress.Loopback, port);
        await Task.WhenAny(stream.CopyToAsync(server.GetStream()), server.GetStream().CopyToAsync(stream));
    }

    private static async Task<(string Host, int Port)> ConnectAsync(Stream stream)
    {
        var head = new StringBuilder();
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            var one = new byte[1];
            await stream.ReadExactlyAsync(one);
            head.Append((char)one[0]);
        }

        var target = head.ToString().Split(' ')[1].Split(':');
        await stream.WriteAsync("HTTP/1.1 200 OK\r\n\r\n"u8.ToArray());
        return (target[0], int.Parse(target[1], System.Globalization.CultureInfo.InvariantCulture));
    }

    private static async Task<(string Host, int Port)> SocksAsync(Stream stream)
    {
        await stream.ReadExactlyAsync(new byte[(await ReadAsync(stream, 2))[1]]);
        await stream.WriteAsync(new byte[] { 5, 0 });
        var head = await ReadAsync(stream, 4);
        var host = head[3] == 1 ? new IPAddress(await ReadAsync(stream, 4)).ToString() : Encoding.ASCII.GetString(await ReadAsync(stream, (await ReadAsync(stream, 1))[0]));
        var port = await ReadAsync(stream, 2);
        await stream.WriteAsync(new byte[] { 5, 0, 0, 1, 127, 0, 0, 1, 0, 0 });
        return (host, (port[0] << 8) + port[1]);
    }

    private static async Task<byte[]> ReadAsync(Stream stream, int count)
    {
        var bytes = new byte[count];
        await stream.ReadExactlyAsync(bytes);
        return bytes;
    }
}
