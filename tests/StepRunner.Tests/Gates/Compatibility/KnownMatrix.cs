using Stepper.StepRunner.Gates.Compatibility;

namespace Stepper.StepRunner.Tests.Gates.Compatibility;

/// <summary>What the tests know of what works with what.</summary>
internal static class KnownMatrix
{
    public static string Text => System.IO.File.ReadAllText("Gates/Compatibility/matrix.yaml");

    public static MatrixFile File => new(MatrixFile.Path, () => Text);

    public static CompatibilityMatrix Read() => File.Matrix.ShouldNotBeNull(string.Join('\n', File.Problems));

    public static Workload Workload(string where, string images, string account = "default", bool isCritical = false) =>
        new(where.Split('/')[0], where.Split('/')[1], $"{where.Split('/')[0]}/{account}", isCritical, images);
}
