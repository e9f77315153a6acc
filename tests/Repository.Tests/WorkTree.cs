namespace Stepper.Repository.Tests;

/// <summary>The project's own files, as they stand in the repository.</summary>
internal static class WorkTree
{
    private static readonly string Root = FindRoot(AppContext.BaseDirectory);

    public static string PathOf(string file) => Path.Combine(Root, file);

    public static string Read(string file) => File.ReadAllText(PathOf(file));

    private static string FindRoot(string from) => File.Exists(Path.Combine(from, "global.json")) ? from : FindRoot(Path.GetDirectoryName(from.TrimEnd('/'))!);
}
