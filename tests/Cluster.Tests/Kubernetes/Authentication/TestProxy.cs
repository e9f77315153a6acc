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
    private readonly string? _login;
    private readonly Task _serving;

    /// <param name="certificate">Of a proxy of https.</param>
    /// <param name="login">Name and password, without which CONNECT is answered 407; null for none.</param>
    public TestProxy(string scheme, X509Certificate2? certificate = null, string? login = null)
    {
        _scheme = scheme;
        _certificate = certificate;
        _login = login is null ? null : $"Proxy-Authorization: Basic {Convert.ToBase64String(Encoding.ASCII.GetBytes(login))}\r\n";
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

        if ((_scheme == "socks5" ? await SocksAsync(stream) : await ConnectAsync(stream)) is not var (host, port))
        {
            return;
        }

        Tunnels.Add($"{host}:{port}");
        using var server = new TcpClient();
        await server.ConnectAsync(IPAddress.Loopback, port);
        await Task.WhenAny(stream.CopyToAsync(server.GetStream()), server.GetStream().CopyToAsync(stream));
    }

    // Null where the client goes away without the login.
    private async Task<(string Host, int Port)?> ConnectAsync(Stream stream)
    {
        while (await HeadAsync(stream) is { Length: > 0 } head)
        {
            if (_login is not null && !head.Contains(_login, StringComparison.OrdinalIgnoreCase))
            {
                await stream.WriteAsync("HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"p\"\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
                continue;
            }

            var target = head.Split(' ')[1].Split(':');
            await stream.WriteAsync("HTTP/1.1 200 OK\r\n\r\n"u8.ToArray());
            return (target[0], int.Parse(target[1], System.Globalization.CultureInfo.InvariantCulture));
        }

        return null;
    }

    private static async Task<string> HeadAsync(Stream stream)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(one) == 1)
        {
            head.Append((char)one[0]);
        }

        return head.ToString();
    }

    private static async Task<(string Host, int Port)?> SocksAsync(Stream stream)
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
