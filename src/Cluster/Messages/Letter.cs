namespace Stepper.Cluster.Messages;

/// <summary>A message with a title and parts, for receivers that can show it so; for the others it is text.</summary>
public sealed record Letter(string Title, IReadOnlyList<LetterPart> Parts)
{
    public string Text => string.Join('\n', [Title, .. Parts.Select(part => part.Text)]);
}

/// <param name="Heading">Empty for what follows the title at once.</param>
public sealed record LetterPart(string Heading, params IReadOnlyList<string> Lines)
{
    /// <summary>One line stands beside its heading, several under it.</summary>
    public string Text => (Heading, Lines) switch
    {
        ("", _) => string.Join('\n', Lines),
        (_, [var only]) => $"{Heading}: {only}",
        _ => $"{Heading}:{string.Concat(Lines.Select(line => $"\n- {line}"))}",
    };
}
