using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Stepper.Cluster.Tests.Kubernetes.Authentication;

namespace Stepper.Detection.Tests;

/// <summary>A real web server over TLS on loopback, as a company has one: its certificate is of an authority that nobody else knows. What was not put there is 404.</summary>
public sealed class LoopbackRepository : IAsyncLifetime
{
    /// <summary>By which a proxy finds it too; what is asked for at a loopback address goes through none.</summary>
    public const string Name = "pkgs.test";

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("stepper-test-");
    private readonly ConcurrentDictionary<string, RequestDelegate> _answers = new(StringComparer.Ordinal);
    private WebApplication? _app;

    public int Port { get; private set; }

    /// <summary>The certificate of its authority, for the setting <c>caFile</c>.</summary>
    public string CaFile => Path.Combine(_directory.FullName, "ca.crt");

    /// <summary>What it was asked for: method, path and query.</summary>
    public ConcurrentQueue<string> Asked { get; } = [];

    internal Pki Authority { get; } = new("company");

    public string At(string path) => $"https://127.0.0.1:{Port}{path}";

    /// <param name="path">Whatever the method is.</param>
    public void Put(string path, RequestDelegate answer) => _answers[path] = answer;

    public void Put(string path, string text) => Put(path, context => context.Response.WriteAsync(text));

    public void Redirect(string path, string to) => Put(path, context =>
    {
        context.Response.Redirect(to);
        return Task.CompletedTask;
    });

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(CaFile, Authority.AuthorityPem);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        var certificate = Authority.Server("127.0.0.1", Name);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate)));
        _app = builder.Build();
        _app.Run(AnswerAsync);
        await _app.StartAsync();
        Port = new Uri(_app.Urls.Single()).Port;
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }

        _directory.Delete(recursive: true);
    }

    private Task AnswerAsync(HttpContext context)
    {
        Asked.Enqueue($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}");
        if (_answers.TryGetValue(context.Request.Path, out var answer))
        {
            return answer(context);
        }

        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return context.Response.WriteAsync("404 page not found\n");
    }
}
