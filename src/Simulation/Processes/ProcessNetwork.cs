using Stepper.Simulation.Controllers;

namespace Stepper.Simulation.Processes;

/// <summary>The network as one process sees it.</summary>
internal sealed class ProcessNetwork(ControlPlane plane, SimulatedNetwork network, Seams seams, string? token) : HttpMessageHandler
{
    private static readonly TimeSpan Latency = TimeSpan.FromMilliseconds(4);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var address = request.RequestUri!;
        var response = await seams.CallAsync(
            SimulatedNetwork.SeamOf(address),
            $"{request.Method} {Uri.UnescapeDataString(address.PathAndQuery)}",
            Latency,
            () => network.AnswerAsync(request, token, cancellationToken),
            answer => $"{(int)answer.StatusCode}",
            cancellationToken);
        if (IsWatch(address) && response.IsSuccessStatusCode)
        {
            var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
            seams.Process.AtEnd(stream.Dispose);
            response.Content = new StreamContent(new ProcessStream(plane, stream, seams, network.Cut));
        }

        return response;
    }

    private static bool IsWatch(Uri address) => address.Query.Contains("watch=true", StringComparison.Ordinal) || address.Query.Contains("watch=1", StringComparison.Ordinal);
}
