using System.Text;
using System.Text.RegularExpressions;

namespace Stepper.Simulation.Api.Rules;

/// <summary>What names, labels and keys may look like. Null: as it may.</summary>
internal static partial class Names
{
    private const string SubdomainText =
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character "
        + @"(e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

    private const string LabelText =
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character "
        + "(e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

    private const string NamePartText =
        "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character "
        + "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

    public static string? Subdomain(string name) =>
        name.Length > 253 ? "must be no more than 253 characters"
        : SubdomainForm().IsMatch(name) ? null
        : SubdomainText;

    public static string? Label(string name) =>
        name.Length > 63 ? "must be no more than 63 characters"
        : LabelForm().IsMatch(name) ? null
        : name.Contains('.', StringComparison.Ordinal) && SubdomainForm().IsMatch(name) ? "must not contain dots"
        : LabelText;

    public static string? LabelValue(string value) =>
        Encoding.UTF8.GetByteCount(value) > 63 ? "must be no more than 63 bytes"
        : value.Length == 0 || NamePartForm().IsMatch(value) ? null
        : "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character "
            + "(e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

    /// <summary>A key of labels or annotations: a name with an optional prefix.</summary>
    public static string? QualifiedKey(string key)
    {
        var parts = key.Split('/');
        if (parts.Length > 2)
        {
            return "a valid label key " + NamePartText + " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
        }

        if (parts.Length == 2)
        {
            if (parts[0].Length == 0)
            {
                return "prefix part must be non-empty";
            }

            if (Subdomain(parts[0]) is { } prefix)
            {
                return "prefix part " + prefix;
            }
        }

        var name = parts[^1];
        return name.Length == 0 ? "name part must be non-empty"
            : name.Length > 63 ? "name part must be no more than 63 bytes"
            : NamePartForm().IsMatch(name) ? null
            : "name part " + NamePartText;
    }

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SubdomainForm();

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex LabelForm();

    [GeneratedRegex(@"^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NamePartForm();
}
