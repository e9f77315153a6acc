using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace Stepper.Cluster.Tests.Kubernetes.Authentication;

/// <summary>A real HTTPS server on loopback that says who it was asked by.</summary>
internal sealed class ApiServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ApiServer(WebApplication app) => _app = app;

    /// <summary>By its IP address.</summary>
    public string Address => _app.Urls.Single();

    /// <summary>Answers 401 to every other token; null: any will do.</summary>
    public string? OnlyToken { get; set; }

    /// <summary>Answers 401 to every other client certificate; null: any will do.</summary>
    public string? OnlySubject { get; set; }

    /// <summary>What it answers; null: who asked.</summary>
    public string? Says { get; init; }

    /// <summary>The subjects of all certificates that the last client showed, its own first.</summary>
    public IReadOnlyList<string> Shown { get; private set; } = [];

    /// <summary>How many of the next answers are cut in the middle.</summary>
    public int Cuts { get; set; }

    public int Requests { get; private set; }

    public static async Task<ApiServer> StartAsync(X509Certificate2 certificate, string? says = null)
    {
        ApiServer? server = null;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(https =>
        {
            https.ServerCertificate = certificate;
            https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
            https.ClientCertificateValidation = (_, chain, _) =>
            {
                server!.Shown = [.. chain!.ChainPolicy.ExtraStore.Select(shown => shown.Subject)];
                return true;
            };
        })));
        server = new ApiServer(builder.Build()) { Says = says };
        server._app.Run(server.AnswerAsync);
        await server._app.StartAsync();
        return server;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        Requests++;
        var authorization = context.Request.Headers.Authorization.ToString();
        if ((OnlyToken is not null && authorization != "Bearer " + OnlyToken) || (OnlySubject is not null && context.Connection.ClientCertificate?.Subject != OnlySubject))
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        }

        if (Cuts-- > 0)
        {
            context.Response.ContentLength = Says!.Length;
            await context.Response.WriteAsync(Says[..(Says.Length / 2)]);
            await context.Response.Body.FlushAsync();
            context.Abort();
            return;
        }

        await context.Response.WriteAsync(Says ?? $"{context.Request.Path}|{authorization}|{context.Connection.ClientCertificate?.Subject}|{context.Request.Protocol}");
    }
}
