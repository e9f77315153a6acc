using System.Text.Json.Nodes;

namespace Stepper.Simulation.Api.Rules;

/// <summary>All that is wrong with an object, in the words of the real server.</summary>
internal sealed class FieldErrors
{
    private readonly List<ApiCause> _causes = [];

    public void Required(string field, string why = "") => Add(new ApiCause("FieldValueRequired", why.Length == 0 ? "Required value" : $"Required value: {why}", field));

    /// <param name="value">As JSON: a string in its quotes.</param>
    public void Bad(string field, string value, string why) => Add(new ApiCause("FieldValueInvalid", $"Invalid value: {value}: {why}", field));

    public void BadText(string field, string value, string why) => Bad(field, $"\"{value}\"", why);

    public void Forbidden(string field, string why) => Add(new ApiCause("FieldValueForbidden", $"Forbidden: {why}", field));

    public void Duplicate(string field, string value, string why = "") =>
        Add(new ApiCause("FieldValueDuplicate", why.Length == 0 ? $"Duplicate value: {value}" : $"Duplicate value: {value}: {why}", field));

    public void Unsupported(string field, string value, params ReadOnlySpan<string> supported)
    {
        var all = string.Join(", ", supported.ToArray().Select(each => $"\"{each}\""));
        Add(new ApiCause("FieldValueNotSupported", $"Unsupported value: \"{value}\": supported values: {all}", field));
    }

    /// <summary>A text that is there must be one of these.</summary>
    public void OneOf(JsonNode? parent, string field, string at, params ReadOnlySpan<string> supported)
    {
        if ((string?)parent?[field] is { } value && !supported.Contains(value))
        {
            Unsupported($"{at}.{field}", value, supported);
        }
    }

    public void TooLong(string field, string why) => Add(new ApiCause("FieldValueTooLong", $"Too long: {why}", field));

    /// <exception cref="ApiRefusal">422: something is wrong.</exception>
    public void ThrowIfAny(ResourceKind kind, string name)
    {
        if (_causes.Count > 0)
        {
            throw ApiRefusal.Invalid(kind, name, _causes);
        }
    }

    public void Add(ApiCause cause) => _causes.Add(cause);
}
