using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Stepper.Simulation.Api.Rules;

namespace Stepper.Simulation.Api;

/// <summary>
/// What the API server does with an object between a request and the store: fills in, checks, counts generations, ends things gracefully.
/// The simulation's own controllers and kubelets write through it too.
/// </summary>
public sealed class Registry(ObjectStore store, TimeProvider time)
{
    private const string ForegroundFinalizer = "foregroundDeletion";
    private const string OrphanFinalizer = "orphan";

    private static readonly string[] ServersFields =
    [
        "name", "namespace", "uid", "resourceVersion", "creationTimestamp", "generation", "deletionTimestamp", "deletionGracePeriodSeconds", "generateName",
    ];

    private long _generatedNames;

    public ObjectStore Store => store;

    /// <summary>Makes a new object.</summary>
    /// <param name="body">Is not kept; the object that is, is given back.</param>
    /// <exception cref="ApiRefusal">It is there already, or is refused.</exception>
    public JsonObject Create(ResourceKind kind, JsonObject body, WriteOptions? options = null)
    {
        var made = body.DeepClone().AsObject();
        made["apiVersion"] = kind.ApiVersion;
        made["kind"] = kind.Kind;
        var meta = Defaults.Object(made, "metadata");
        if (string.IsNullOrEmpty((string?)meta["name"]) && (string?)meta["generateName"] is { Length: > 0 } start)
        {
            meta["name"] = start + Suffix();
        }

        BeginLife(kind, meta);
        MustHaveItsNamespace(kind, meta);
        Defaults.Fill(kind, made);
        ObjectRules.MustBeGood(kind, made);
        Defaults.Complete(kind, made);
        MustBeFree(kind, meta);
        options?.Admitted?.Invoke(null, made);
        return options is { DryRun: true } ? made : store.Insert(kind, made);
    }

    /// <summary>Changes an object, without asking what a client may change: <paramref name="change"/> gets a copy of it as it is now.</summary>
    /// <exception cref="ApiRefusal">There is none of that name.</exception>
    public JsonObject Change(ResourceKind kind, string? ns, string name, Action<JsonObject> change, WriteOptions? options = null)
    {
        var stored = store.FindStored(kind, ns, name) ?? throw ApiRefusal.NotFound(kind, name);
        var made = stored.Copy();
        change(made);
        return Put(kind, stored.Body, made, options);
    }

    /// <summary>Puts what a client wrote in the place of an object that is there.</summary>
    /// <param name="made">With the resourceVersion of <paramref name="old"/>, or none where it may be any.</param>
    /// <exception cref="ApiRefusal">The object has changed meanwhile, or may not become this.</exception>
    public JsonObject Update(ResourceKind kind, JsonObject old, JsonObject made, WriteOptions? options = null)
    {
        MustBeTheSame(kind, old["metadata"]!, made["metadata"]!);
        Defaults.Fill(kind, made);
        ObjectRules.MustBeGoodChange(kind, old, made);
        return Put(kind, old, made, options);
    }

    private JsonObject Put(ResourceKind kind, JsonObject old, JsonObject made, WriteOptions? options)
    {
        KeepWhatIsTheServers(old["metadata"]!.AsObject(), made["metadata"]!.AsObject());
        if (kind.HasGeneration && !JsonNode.DeepEquals(old["spec"], made["spec"]))
        {
            made["metadata"]!["generation"] = (old["metadata"]!["generation"].AsLong() ?? 0) + 1;
        }

        options?.Admitted?.Invoke(old, made);
        if (options is { DryRun: true })
        {
            return made;
        }

        var meta = made["metadata"]!;
        if (meta["deletionTimestamp"] is not null && HasNoFinalizers(kind, made) && (meta["deletionGracePeriodSeconds"].AsLong() ?? 0) == 0)
        {
            store.Remove(kind, made);
            return made;
        }

        return store.Replace(kind, made);
    }

    /// <summary>
    /// Begins to end an object. A pod on a node is marked and ended by its kubelet, which calls this again with a grace of 0; what has finalizers is
    /// marked; all else is gone at once. What it owned is ended by the garbage collector.
    /// </summary>
    /// <param name="graceSeconds">Null: the pod's own.</param>
    public void Delete(ResourceKind kind, string? ns, string name, int? graceSeconds = null) =>
        Delete(kind, ns, name, new DeleteOptions { GracePeriodSeconds = graceSeconds, PropagationPolicy = "Background" });

    /// <inheritdoc cref="Delete(ResourceKind, string?, string, int?)"/>
    /// <returns>The object as it was last when it is gone, as it is now when it is only marked.</returns>
    public Deletion Delete(ResourceKind kind, string? ns, string name, DeleteOptions options)
    {
        var old = store.Find(kind, ns, name) ?? throw ApiRefusal.NotFound(kind, name);
        options.MustHold(kind, old);
        var made = old.DeepClone().AsObject();
        var meta = made["metadata"]!.AsObject();
        // A Job deleted without a word keeps its pods: as it was in its first version.
        SetFinalizers(meta, options.PropagationPolicy ?? (kind == Kinds.Job ? "Orphan" : null));
        var grace = GraceOf(kind, old, options.GracePeriodSeconds);
        Mark(kind, meta, grace);
        if (kind == Kinds.Namespace)
        {
            made["status"] ??= new JsonObject();
            made["status"]!["phase"] = "Terminating";
        }

        if ((meta["deletionGracePeriodSeconds"].AsLong() ?? 0) == 0 && HasNoFinalizers(kind, made))
        {
            if (!options.DryRun)
            {
                store.Remove(kind, old);
            }

            return new Deletion(made, IsGone: true);
        }

        return new Deletion(options.DryRun ? made : store.Replace(kind, made), IsGone: false);
    }

    private static void SetFinalizers(JsonObject meta, string? propagation)
    {
        if (propagation is null)
        {
            return;
        }

        var others = (meta["finalizers"] as JsonArray ?? []).Select(each => (string)each!).Where(each => each is not ForegroundFinalizer and not OrphanFinalizer).ToList();
        if (propagation is "Foreground")
        {
            others.Add(ForegroundFinalizer);
        }
        else if (propagation is "Orphan")
        {
            others.Add(OrphanFinalizer);
        }

        if (others.Count > 0)
        {
            meta["finalizers"] = new JsonArray([.. others.Select(each => JsonValue.Create(each))]);
        }
        else
        {
            meta.Remove("finalizers");
        }
    }

    // Only a pod that a kubelet may be running is given time.
    private static long GraceOf(ResourceKind kind, JsonObject old, long? wanted)
    {
        if (kind != Kinds.Pod || (string?)old["spec"]!["nodeName"] is not { Length: > 0 } || (string?)old["status"]?["phase"] is "Succeeded" or "Failed")
        {
            return 0;
        }

        var grace = wanted ?? old["spec"]!["terminationGracePeriodSeconds"].AsLong() ?? 30;
        return Math.Max(grace, 0);
    }

    // A second deletion may only shorten the time that the first one gave.
    private void Mark(ResourceKind kind, JsonObject meta, long grace)
    {
        if (meta["deletionTimestamp"] is { } set)
        {
            var given = meta["deletionGracePeriodSeconds"].AsLong() ?? 0;
            if (grace < given)
            {
                var first = DateTimeOffset.Parse((string)set!, CultureInfo.InvariantCulture);
                meta["deletionTimestamp"] = ApiTime.Text(first + TimeSpan.FromSeconds(grace - given));
                meta["deletionGracePeriodSeconds"] = grace;
            }

            return;
        }

        meta["deletionTimestamp"] = ApiTime.Text(time.GetUtcNow() + TimeSpan.FromSeconds(grace));
        meta["deletionGracePeriodSeconds"] = grace;
        if (kind.HasGeneration)
        {
            meta["generation"] = (meta["generation"].AsLong() ?? 0) + 1;
        }
    }

    private static bool HasNoFinalizers(ResourceKind kind, JsonObject body) =>
        body["metadata"]!["finalizers"] is not JsonArray { Count: > 0 }
        && !(kind == Kinds.Namespace && body["spec"]?["finalizers"] is JsonArray { Count: > 0 });

    private static void MustBeTheSame(ResourceKind kind, JsonNode old, JsonNode made)
    {
        if ((string?)made["resourceVersion"] is not { Length: > 0 } version)
        {
            return;
        }

        if (!ulong.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out _))
        {
            throw new ApiRefusal(HttpStatusCode.InternalServerError, "", $"strconv.ParseUint: parsing \"{version}\": invalid syntax");
        }

        if (version != (string?)old["resourceVersion"])
        {
            throw ApiRefusal.Conflict(kind, (string)old["name"]!, "the object has been modified; please apply your changes to the latest version and try again");
        }
    }

    private static void KeepWhatIsTheServers(JsonObject old, JsonObject made)
    {
        foreach (var field in ServersFields)
        {
            if (old[field] is { } kept)
            {
                made[field] = kept.DeepClone();
            }
            else
            {
                made.Remove(field);
            }
        }
    }

    private void BeginLife(ResourceKind kind, JsonObject meta)
    {
        foreach (var field in (ReadOnlySpan<string>)["resourceVersion", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink"])
        {
            meta.Remove(field);
        }

        meta["uid"] ??= store.NextUid();
        meta["creationTimestamp"] = Now();
        if (kind.HasGeneration)
        {
            meta["generation"] = 1;
        }
        else
        {
            meta.Remove("generation");
        }
    }

    private void MustBeFree(ResourceKind kind, JsonObject meta)
    {
        var name = (string)meta["name"]!;
        if (store.Find(kind, (string?)meta["namespace"], name) is { } there)
        {
            throw ApiRefusal.AlreadyExists(kind, name, isEnding: there["metadata"]!["deletionTimestamp"] is not null);
        }
    }

    private void MustHaveItsNamespace(ResourceKind kind, JsonObject meta)
    {
        if (!kind.Namespaced)
        {
            meta.Remove("namespace");
            return;
        }

        MustTakeNew((string?)meta["namespace"] ?? "", kind, (string?)meta["name"] ?? "");
    }

    /// <summary>Whether something may be made in a namespace, or under an object in it.</summary>
    /// <exception cref="ApiRefusal">It is being ended, or there is none.</exception>
    internal void MustTakeNew(string ns, ResourceKind kind, string name)
    {
        var found = store.Find(Kinds.Namespace, null, ns) ?? throw ApiRefusal.NotFound(Kinds.Namespace, ns);
        if (found["metadata"]!["deletionTimestamp"] is not null)
        {
            throw ApiRefusal.Forbidden(
                kind,
                name,
                $"unable to create new content in namespace {ns} because it is being terminated",
                new ApiCause("NamespaceTerminating", $"namespace {ns} is being terminated", "metadata.namespace"));
        }
    }

    // As the real one's: five letters and digits without those that look alike; from a count, so that each run makes the same.
    private string Suffix()
    {
        const string Letters = "bcdfghjklmnpqrstvwxz2456789";
        var left = (ulong)++_generatedNames * 0x9E3779B97F4A7C15UL;
        return string.Create(5, left, static (text, value) =>
        {
            for (var i = 0; i < text.Length; i++)
            {
                value ^= value >> 29;
                text[i] = Letters[(int)(value % (ulong)Letters.Length)];
                value = (value / (ulong)Letters.Length) * 0xBF58476D1CE4E5B9UL;
            }
        });
    }

    private string Now() => ApiTime.Text(time.GetUtcNow());
}

/// <param name="Object">As it was last when it is gone, as it is now when it is only marked.</param>
public sealed record Deletion(JsonObject Object, bool IsGone);

/// <param name="DryRun">Only asks what would become of it.</param>
/// <param name="Admitted">Called with the object as it was (null: it was not there) and as it is to be, just before it is; may change the latter.</param>
public sealed record WriteOptions(bool DryRun = false, Action<JsonObject?, JsonObject>? Admitted = null);
