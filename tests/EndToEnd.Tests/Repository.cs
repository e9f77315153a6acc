namespace Stepper.EndToEnd.Tests;

/// <summary>The project's own files, and what is made of them.</summary>
internal static class Repository
{
    private static readonly Lazy<Task<string>> Publishing = new(PublishAsync);

    public static string Root { get; } = FindRoot(AppContext.BaseDirectory);

    /// <summary>The executable as it is delivered, which is the image's where one can be built; made once.</summary>
    public static Task<string> ExecutableAsync() => Publishing.Value;

    public static string PathOf(string file) => Path.Combine(Root, file);

    public static string Read(string file) => File.ReadAllText(PathOf(file));

    /// <summary>Notes what was measured on the way, for whoever reads of the run; <c>tests/run.sh</c> shows it.</summary>
    public static void Measured(string what, string result) =>
        File.WriteAllText(Path.Combine(Directory.CreateDirectory(PathOf($"artifacts/{what}")).FullName, "measured"), $"{what}: {result}\n");

    private static async Task<string> PublishAsync()
    {
        if (Image.Missing.Length == 0)
        {
            return (await Image.BuiltAsync()).Executable;
        }

        await RunningProgram.RunAsync("dotnet", "publish", PathOf("src/StepRunner"), "--nologo", "--verbosity", "quiet", "-p:RunAnalyzers=false");
        return PathOf("src/StepRunner/bin/Release/net10.0/linux-x64/publish/stepper");
    }

    private static string FindRoot(string from) => File.Exists(Path.Combine(from, "global.json")) ? from : FindRoot(Path.GetDirectoryName(from.TrimEnd('/'))!);
}
