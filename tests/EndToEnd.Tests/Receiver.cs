using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Stepper.EndToEnd.Tests;

/// <summary>Takes what is posted to it on loopback, as Slack and an operator's own webhook would.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly ConcurrentQueue<(string Path, JsonNode Body)> _posted = new();
    private readonly WebApplication _app;

    private Receiver(WebApplication app) => _app = app;

    public string Address { get; private set; } = "";

    /// <summary>What was posted to a path, in order.</summary>
    public IReadOnlyList<JsonNode> PostedTo(string path) => [.. _posted.Where(post => post.Path == path).Select(post => post.Body)];

    public static async Task<Receiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var receiver = new Receiver(builder.Build());
        receiver._app.Run(receiver.TakeAsync);
        await receiver._app.StartAsync();
        receiver.Address = receiver._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return receiver;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        _posted.Enqueue((context.Request.Path, (await JsonNode.ParseAsync(context.Request.Body))!));
        await context.Response.WriteAsync("ok");
    }
}
