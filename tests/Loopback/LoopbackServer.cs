using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Stepper.Loopback;

/// <summary>Serves what a simulation answers over TLS on this machine's loopback address, so that programs from outside can ask it.</summary>
public sealed class LoopbackServer : IAsyncDisposable
{
    private readonly LoopbackCertificates _certificates = new();
    private readonly Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> _answer;
    private readonly Pacer _pacer;
    private readonly string _directory;
    private WebApplication? _app;

    private LoopbackServer(Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> answer, Pacer pacer, string directory)
    {
        _answer = answer;
        _pacer = pacer;
        _directory = directory;
    }

    public Uri Address { get; private set; } = new("https://127.0.0.1/");

    /// <summary>The authority's certificate, in PEM.</summary>
    public string AuthorityFile => Path.Combine(_directory, "ca.crt");

    /// <param name="answer">Is called on the simulation's thread.</param>
    /// <param name="directory">Where the authority's certificate and kubeconfigs are written.</param>
    public static async Task<LoopbackServer> StartAsync(
        Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> answer, Pacer pacer, string directory)
    {
        var server = new LoopbackServer(answer, pacer, directory);
        await File.WriteAllTextAsync(server.AuthorityFile, server._certificates.AuthorityPem);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(server._certificates.Server));
        });
        server._app = builder.Build();
        server._app.Run(server.ServeAsync);
        await server._app.StartAsync();
        var addresses = server._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!;
        server.Address = new Uri(addresses.Addresses.First());
        return server;
    }

    /// <summary>Writes a kubeconfig with which a token's user asks this server.</summary>
    /// <returns>Where it is.</returns>
    public string WriteKubeconfig(string token)
    {
        var file = Path.Combine(_directory, "kubeconfig-" + token);
        File.WriteAllText(
            file,
            $"""
            apiVersion: v1
            kind: Config
            current-context: loopback
            contexts:
            - name: loopback
              context: {"{"}cluster: loopback, user: loopback{"}"}
            clusters:
            - name: loopback
              cluster:
                server: {Address.GetLeftPart(UriPartial.Authority)}
                certificate-authority: {AuthorityFile}
            users:
            - name: loopback
              user:
                token: {token}

            """);
        return file;
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }

        _certificates.Dispose();
    }

    private async Task ServeAsync(HttpContext context)
    {
        using var aborted = new CancellationTokenSource();
        // Cancelled on the simulation's thread, since what is cancelled goes on there.
        await using var registration = context.RequestAborted.Register(() => _pacer.Post(aborted.Cancel));
        using var request = await ReadAsync(context.Request);
        try
        {
            using var response = await _pacer.AskAsync(() => _answer(request, aborted.Token));
            await WriteAsync(response, context.Response, aborted.Token);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
        {
            context.Abort();
        }
    }

    private static async Task<HttpRequestMessage> ReadAsync(HttpRequest from)
    {
        var body = new MemoryStream();
        await from.Body.CopyToAsync(body);
        var request = new HttpRequestMessage(new HttpMethod(from.Method), $"https://{from.Host}{from.Path.ToUriComponent()}{from.QueryString}")
        {
            Content = body.Length > 0 ? new ByteArrayContent(body.ToArray()) : null,
        };
        foreach (var (name, values) in from.Headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, [.. values]))
            {
                request.Content?.Headers.TryAddWithoutValidation(name, [.. values]);
            }
        }

        return request;
    }

    private async Task WriteAsync(HttpResponseMessage response, HttpResponse to, CancellationToken aborted)
    {
        to.StatusCode = (int)response.StatusCode;
        foreach (var (name, values) in response.Headers.Concat(response.Content.Headers))
        {
            to.Headers[name] = values.ToArray();
        }

        await to.StartAsync(CancellationToken.None);
        var stream = await _pacer.AskAsync(() => response.Content.ReadAsStreamAsync(aborted));
        var buffer = new byte[64 * 1024];
        while (await _pacer.AskAsync(() => stream.ReadAsync(buffer, aborted).AsTask()) is > 0 and var read)
        {
            await to.Body.WriteAsync(buffer.AsMemory(0, read), CancellationToken.None);
            await to.Body.FlushAsync(CancellationToken.None);
        }

        // The watch, if it is one, is let go where it lives.
        _pacer.Post(stream.Dispose);
    }
}
