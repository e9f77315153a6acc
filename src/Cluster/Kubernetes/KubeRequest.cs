using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Stepper.Cluster.Kubernetes;

/// <summary>One thing that is asked of the API server, as often as it takes.</summary>
/// <param name="Path">Relative to the server's address, with its query.</param>
/// <param name="Body">Null for none.</param>
/// <param name="IsEviction">A no to an eviction is an answer where it is an outage for all else.</param>
internal sealed record KubeRequest(HttpMethod Method, string Path, JsonObject? Body = null, string MediaType = "application/json", bool IsEviction = false)
{
    public static KubeRequest Get(string path) => new(HttpMethod.Get, path);

    /// <summary>A message can be sent once.</summary>
    public HttpRequestMessage Message() => new(Method, new Uri(Path, UriKind.Relative))
    {
        Content = Body is null ? null : new StringContent(Body.ToJsonString(), Encoding.UTF8, new MediaTypeHeaderValue(MediaType)),
    };

    public override string ToString() => $"{Method} /{Path}";
}
