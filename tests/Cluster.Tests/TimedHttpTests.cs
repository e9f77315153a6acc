using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Stepper.Cluster.Tests;

/// <summary>Over real sockets: what a network and the things in its way do to an answer.</summary>
public sealed class TimedHttpTests
{
    private const string Head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"status\":")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{\"status\"\r\n64\r\n:\"succ")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Len")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 9\r\n\r\nnot gzip!")]
    [InlineData("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n")]
    [InlineData("")]
    public async Task WhatIsNoWholeAnswerIsAnError(string sent)
    {
        await using var server = new RawServer(sent);

        (await FailureAsync(server.Address)).ShouldStartWith("what was asked: ");
    }

    [Fact]
    public async Task NobodyThereIsAnError()
    {
        Uri address;
        await using (var server = new RawServer(""))
        {
            address = server.Address;
        }

        (await FailureAsync(address)).ShouldBe($"what was asked: Connection refused");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task OneThatNeverEndsIsGivenUpThoughItDrips(int drops)
    {
        await using var server = new RawServer(async (stream, ct) =>
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(drops == 0 ? "" : Head + "\r\n"), ct);
            for (var wait = new Wait(TimeProvider.System); ; await wait.ForAsync(TimeSpan.FromMilliseconds(20), ct))
            {
                await stream.WriteAsync(new byte[drops], ct);
            }
        });

        (await FailureAsync(server.Address, TimeSpan.FromSeconds(1))).ShouldBe("what was asked: no answer within 1 s");
    }

    [Fact]
    public async Task OneThatNeverStopsIsCutOff()
    {
        await using var server = new RawServer(async (stream, ct) =>
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(Head + "\r\n"), ct);
            for (var part = new byte[1 << 20]; ; await stream.WriteAsync(part, ct))
            {
            }
        });

        (await FailureAsync(server.Address)).ShouldBe("what was asked answered with more than 32 MiB");
    }

    [Fact]
    public async Task ASmallAnswerThatUnpacksToAHugeOneIsCutOff()
    {
        var packed = Packed(new byte[TimedHttp.MostBytes + 1]);
        await using var server = new RawServer((stream, ct) => SendAsync(stream, packed, ct));

        packed.Length.ShouldBeLessThan(1 << 20);
        (await FailureAsync(server.Address)).ShouldBe("what was asked answered with more than 32 MiB");
    }

    [Fact]
    public async Task APackedAnswerIsUnpacked()
    {
        await using var server = new RawServer((stream, ct) => SendAsync(stream, Packed("{}"u8.ToArray()), ct));

        (await AskAsync(server.Address)).Body.ShouldBe("{}"u8.ToArray());
    }

    [Fact]
    public async Task ARedirectIsNotFollowed()
    {
        await using var server = new RawServer("HTTP/1.1 302 Found\r\nLocation: /sign-in\r\nContent-Length: 0\r\n\r\n");

        var answer = await AskAsync(server.Address);

        (answer.Code, answer.Location).ShouldBe((HttpStatusCode.Found, new Uri("/sign-in", UriKind.Relative)));
    }

    [Fact]
    public async Task AnEmptyAnswerIsEmpty()
    {
        await using var server = new RawServer("HTTP/1.1 200 OK\r\nDate: Sun, 22 Nov 2026 10:30:00 GMT\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n");

        var answer = await AskAsync(server.Address);

        answer.Body.ShouldBeEmpty();
        answer.Date.ShouldBe(new DateTimeOffset(2026, 11, 22, 10, 30, 0, TimeSpan.Zero));
        answer.RetryAfter.ShouldBe(TimeSpan.FromSeconds(7));
    }

    [Fact]
    public void APasswordInANetworksOwnWordsIsNotRepeated()
    {
        var world = new OutsideWorld(default);
        world.Web.Refuse("GET http://there/", "The proxy tunnel request to proxy 'http://me:s3cr3t@proxy:3128/' failed with status code '407'.");

        world.Failure(() => new TimedHttp(world.Http(), world.Wait).SendAsync(new HttpRequestMessage(HttpMethod.Get, "http://there/"), "what was asked", Long, default))
            .ShouldBe("what was asked: The proxy tunnel request to proxy 'http://proxy:3128/' failed with status code '407'.");
    }

    private static async Task SendAsync(NetworkStream stream, byte[] packed, CancellationToken ct)
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"{Head}Content-Encoding: gzip\r\nContent-Length: {packed.Length}\r\n\r\n"), ct);
        await stream.WriteAsync(packed, ct);
    }

    private static byte[] Packed(byte[] body)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(body);
        }

        return packed.ToArray();
    }

    private static async Task<string> FailureAsync(Uri address, TimeSpan? atMost = null) =>
        (await Should.ThrowAsync<SourceException>(() => AskAsync(address, atMost))).Message;

    private static async Task<HttpAnswer> AskAsync(Uri address, TimeSpan? atMost = null)
    {
        using var http = new HttpClient(OutsideHandler.Plain(caFile: null, _ => null)) { Timeout = Timeout.InfiniteTimeSpan };
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        return await new TimedHttp(http, new Wait(TimeProvider.System)).SendAsync(request, "what was asked", atMost ?? Long, TestContext.Current.CancellationToken);
    }
}
