using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Stepper.Simulation.Api.Tables;

namespace Stepper.Simulation.Api;

/// <summary>What is asked of an object or a list itself.</summary>
internal sealed class ObjectVerbs(Registry registry, WatchHub hub, ListPages pages, TimeProvider time)
{
    // A kube-apiserver takes something between half an hour and an hour; here it is always the same.
    private static readonly TimeSpan WatchEndsAfter = TimeSpan.FromMinutes(45);

    private readonly ObjectWrites _writes = new(registry, time);

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

    public HttpResponseMessage Result(ResourceKind kind, Written written)
    {
        var answer = Object(kind, written.Body, written.IsNew ? HttpStatusCode.Created : HttpStatusCode.OK);
        ApiAnswers.Warn(answer, written.Warnings);
        return answer;
    }

    private HttpResponseMessage Get(ApiRequest asked)
    {
        var (kind, ns, name, _) = asked.Resource!;
        var stored = registry.Store.FindStored(kind, ns, name!) ?? throw ApiRefusal.NotFound(kind, name!);
        return TableAnswer.For(asked, time) is { } table ? ApiAnswers.Json(HttpStatusCode.OK, table.One(stored.Body)) : ApiAnswers.Json(HttpStatusCode.OK, stored.Json);
    }

    private HttpResponseMessage List(ApiRequest asked)
    {
        ListQuery.MustBeKnown(asked.Query, registry.Store.ResourceVersion);
        // What may be as old as the server's own cache comes from there, and whole.
        var limit = asked.Query["resourceVersion"] is "0" ? null : asked.Query.Number("limit");
        var page = pages.Page(ListScope.Of(asked), (int?)limit, asked.Query["continue"]);
        return TableAnswer.For(asked, time) is { } table
            ? ApiAnswers.Json(HttpStatusCode.OK, table.List(page))
            : ApiAnswers.Json(HttpStatusCode.OK, ApiAnswers.List(asked.Resource!.Kind, page));
    }

    private HttpResponseMessage Watch(ApiRequest asked)
    {
        var ends = asked.Query.Number("timeoutSeconds") is > 0 and var seconds ? TimeSpan.FromSeconds(seconds) : WatchEndsAfter;
        var version = asked.Query["resourceVersion"] ?? "0";
        if (!long.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var from))
        {
            throw new ApiRefusal(HttpStatusCode.InternalServerError, "", $"resourceVersion: Invalid value: \"{version}\": strconv.ParseUint: parsing \"{version}\": invalid syntax");
        }

        WatchForm form = TableAnswer.For(asked, time) is { } table ? table.Event : ApiAnswers.Event;
        return ApiAnswers.Watch(hub.Open(ListScope.Of(asked), from, form, asked.Query.Flag("allowWatchBookmarks"), ends));
    }

    private HttpResponseMessage Create(ApiRequest asked)
    {
        if (asked.Resource!.Name is not null || (asked.Resource.Kind.Namespaced && asked.Resource.Namespace is null))
        {
            throw ApiRefusal.MethodNotAllowed();
        }

        return Result(asked.Resource.Kind, _writes.Create(asked));
    }

    private HttpResponseMessage Update(ApiRequest asked)
    {
        if (asked.Resource!.Name is null)
        {
            throw ApiRefusal.MethodNotAllowed();
        }

        return Result(asked.Resource.Kind, _writes.Replace(asked, WritePart.All));
    }

    private HttpResponseMessage Patch(ApiRequest asked)
    {
        if (asked.Resource!.Name is null)
        {
            throw ApiRefusal.MethodNotAllowed();
        }

        return Result(asked.Resource.Kind, _writes.Patch(asked, WritePart.All));
    }

    private HttpResponseMessage Delete(ApiRequest asked)
    {
        var (kind, ns, name, _) = asked.Resource!;
        if (kind == Kinds.Namespace && name is "default" or "kube-system" or "kube-public")
        {
            throw ApiRefusal.Forbidden(kind, name, "this namespace may not be deleted");
        }

        var options = DeleteOptions.Read(asked.ReadBodyIfAny(), asked.Query);
        return Said(options, kind, Deleted(kind, registry.Delete(kind, ns, name!, options)));
    }

    private HttpResponseMessage Deleted(ResourceKind kind, Deletion deletion)
    {
        if (!deletion.IsGone || kind == Kinds.Pod)
        {
            return Object(kind, deletion.Object);
        }

        var meta = deletion.Object["metadata"]!;
        return ApiAnswers.Json(HttpStatusCode.OK, ApiStatus.Success(new ApiDetails((string)meta["name"]!, kind.Group, kind.Plural, (string)meta["uid"]!)));
    }

    private HttpResponseMessage DeleteCollection(ApiRequest asked)
    {
        var kind = asked.Resource!.Kind;
        if (kind == Kinds.Namespace || (kind.Namespaced && asked.Resource.Namespace is null))
        {
            throw ApiRefusal.MethodNotAllowed();
        }

        var options = DeleteOptions.Read(asked.ReadBodyIfAny(), asked.Query);
        var page = new ListPage([.. ListScope.Of(asked).In(registry.Store)], registry.Store.ResourceVersion, Continue: null, Remaining: 0);
        foreach (var stored in page.Items)
        {
            registry.Delete(kind, stored.Namespace, stored.Name, options);
        }

        return Said(options, kind, ApiAnswers.Json(HttpStatusCode.OK, ApiAnswers.List(kind, page)));
    }

    private static HttpResponseMessage Said(DeleteOptions options, ResourceKind kind, HttpResponseMessage answer)
    {
        if (kind == Kinds.Job && options.PropagationPolicy is null)
        {
            ApiAnswers.Warn(
                answer,
                ["child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning"]);
        }

        return answer;
    }
}
