namespace Stepper.Cluster;

/// <summary>Orders names as people count: <c>node2</c> before <c>node10</c>. Names that differ only in leading zeros are ordered by text, so the order is total.</summary>
public sealed class NaturalOrder : IComparer<string>
{
    public static NaturalOrder OfNames { get; } = new();

    public int Compare(string? x, string? y)
    {
        ReadOnlySpan<char> left = x, right = y;
        while (!left.IsEmpty && !right.IsEmpty)
        {
            var order = char.IsAsciiDigit(left[0]) && char.IsAsciiDigit(right[0])
                ? ComparePart(Take(ref left, digits: true).TrimStart('0'), Take(ref right, digits: true).TrimStart('0'), byLength: true)
                : ComparePart(Take(ref left, digits: false), Take(ref right, digits: false), byLength: false);
            if (order != 0)
            {
                return order;
            }
        }

        return left.Length != right.Length ? left.Length.CompareTo(right.Length) : string.CompareOrdinal(x, y);
    }

    // Numbers without leading zeros: the longer one is the greater one, whatever their size.
    private static int ComparePart(ReadOnlySpan<char> left, ReadOnlySpan<char> right, bool byLength) =>
        byLength && left.Length != right.Length ? left.Length.CompareTo(right.Length) : left.SequenceCompareTo(right);

    // A run of digits, or one character that is none.
    private static ReadOnlySpan<char> Take(ref ReadOnlySpan<char> rest, bool digits)
    {
        var length = 1;
        while (digits && length < rest.Length && char.IsAsciiDigit(rest[length]))
        {
            length++;
        }

        var part = rest[..length];
        rest = rest[length..];
        return part;
    }
}
