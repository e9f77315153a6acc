namespace Stepper.StepRunner.Gates.Compatibility;

/// <summary>The compatibility matrix as it was found: the operator's own or the shipped one. It is read when somebody asks for it: most steps do not.</summary>
/// <param name="name">Where it was found, for a person.</param>
internal sealed class MatrixFile(string name, Func<string> text)
{
    /// <summary>Where ConfigMap <c>k8s-upgrade-compat</c> is mounted.</summary>
    public const string Path = "/compat/compat.yaml";

    private static readonly Lazy<MatrixFile> ShippedOnce = new(() => new MatrixFile("the shipped compat.yaml", () => ShippedFiles.Embedded("compat.yaml")));

    private readonly Lazy<(CompatibilityMatrix? Matrix, IReadOnlyList<string> Problems)> _read = new(() =>
    {
        List<string> problems = [];
        return (MatrixReader.Read(text(), name, problems), problems);
    });

    /// <summary>That of the image.</summary>
    public static MatrixFile Shipped => ShippedOnce.Value;

    public string Name => name;

    /// <summary>Null where there is a problem with it.</summary>
    public CompatibilityMatrix? Matrix => _read.Value.Matrix;

    /// <summary>All that is wrong with it.</summary>
    public IReadOnlyList<string> Problems => _read.Value.Problems;
}
