using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

namespace Stepper.Simulation.Api;

/// <summary>What is asked of an object or a list itself.</summary>
internal sealed class ObjectVerbs(Registry registry, WatchHub hub, ListPages pages)
{
    // A kube-apiserver takes something between half an hour and an hour; here it is always the same.
    private static readonly TimeSpan WatchEndsAfter = TimeSpan.FromMinutes(45);

    private readonly ObjectWrites _writes = new(registry);

    public HttpResponseMessage Answer(ApiRequest asked) => asked.Verb switch
    {
        "get" when asked.IsWatch => Watch(asked),
        "get" => Get(asked),
        "list" => List(asked),
        "watch" => Watch(asked),
        "create" => Create(asked),
        "update" => Update(asked),
        "patch" => Patch(asked),
        "delete" => Delete(asked),
        "deletecollection" => DeleteCollection(asked),
        _ => throw ApiRefusal.MethodNotAllowed(),
    };

    /// <summary>An object as it is now in the store, or as it would be there.</summary>
    public HttpResponseMessage Object(ResourceKind kind, JsonObject body, HttpStatusCode code = HttpStatusCode.OK)
    {
        var meta = body["metadata"]!;
        var stored = registry.Store.FindStored(kind, (string?)meta["namespace"], (string)meta["name"]!);
        return ApiAnswers.Json(code, ReferenceEquals(stored?.Body, body) ? stored.Json : ApiAnswers.Bytes(body));
    }

    private HttpResponseMessage Get(ApiRequest asked)
    {
        var (kind, ns, name, _) = asked.Resource!;
        var stored = registry.Store.FindStored(kind, ns, name!) ?? throw ApiRefusal.NotFound(kind, name!);
        return ApiAnswers.Json(HttpStatusCode.OK, stored.Json);
    }

    private HttpResponseMessage List(ApiRequest asked)
    {
        var page = pages.Page(ListScope.Of(asked), (int?)asked.Query.Number("limit"), asked.Query["continue"]);
        return ApiAnswers.Json(HttpStatusCode.OK, ApiAnswers.List(asked.Resource!.Kind, page));
    }

    private HttpResponseMessage Watch(ApiRequest asked)
    {
        var ends = asked.Query.Number("timeoutSeconds") is > 0 and var seconds ? TimeSpan.FromSeconds(seconds) : WatchEndsAfter;
        var version = asked.Query["resourceVersion"] ?? "0";
        if (!long.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var from))
        {
            throw ApiRefusal.Invalid(asked.Resource!.Kind, "", new ApiCause("FieldValueInvalid", $"Invalid value: \"{version}\": strconv.ParseUint: parsing \"{version}\": invalid syntax", "resourceVersion"));
        }

        return ApiAnswers.Watch(hub.Open(ListScope.Of(asked), from, ApiAnswers.Event, asked.Query.Flag("allowWatchBookmarks"), ends));
    }

    private HttpResponseMessage Create(ApiRequest asked)
    {
        if (asked.Resource!.Name is not null)
        {
            throw ApiRefusal.MethodNotAllowed();
        }

        return Object(asked.Resource.Kind, _writes.Create(asked), HttpStatusCode.Created);
    }

    private HttpResponseMessage Update(ApiRequest asked)
    {
        if (asked.Resource!.Name is null)
        {
            throw ApiRefusal.MethodNotAllowed();
        }

        return Object(asked.Resource.Kind, _writes.Replace(asked, WritePart.All));
    }

    private HttpResponseMessage Patch(ApiRequest asked)
    {
        if (asked.Resource!.Name is null)
        {
            throw ApiRefusal.MethodNotAllowed();
        }

        var (made, isNew) = _writes.Patch(asked, WritePart.All);
        return Object(asked.Resource.Kind, made, isNew ? HttpStatusCode.Created : HttpStatusCode.OK);
    }

    private HttpResponseMessage Delete(ApiRequest asked)
    {
        var (kind, ns, name, _) = asked.Resource!;
        var deletion = registry.Delete(kind, ns, name!, DeleteOptions.Read(asked.ReadBodyIfAny(), asked.Query));
        if (!deletion.IsGone || kind == Kinds.Pod)
        {
            return Object(kind, deletion.Object);
        }

        var details = new ApiDetails(name!, kind.Group, kind.Plural, (string)deletion.Object["metadata"]!["uid"]!);
        return ApiAnswers.Json(HttpStatusCode.OK, ApiStatus.Success(details));
    }

    private HttpResponseMessage DeleteCollection(ApiRequest asked)
    {
        var kind = asked.Resource!.Kind;
        var options = DeleteOptions.Read(asked.ReadBodyIfAny(), asked.Query);
        var page = new ListPage([.. ListScope.Of(asked).In(registry.Store)], registry.Store.ResourceVersion, Continue: null, Remaining: 0);
        foreach (var stored in page.Items)
        {
            registry.Delete(kind, stored.Namespace, stored.Name, options);
        }

        return ApiAnswers.Json(HttpStatusCode.OK, ApiAnswers.List(kind, page));
    }
}
