using System.Text.Json.Nodes;

namespace Stepper.EndToEnd.Tests;

/// <summary>The image that the Dockerfile makes, laid out as files: see <c>tests/image/build.sh</c>.</summary>
internal sealed class Image
{
    private const string Program = "/usr/bin/stepper";

    private static readonly Lazy<Task<Image>> Building = new(BuildAsync);

    private Image(string directory)
    {
        Root = Path.Combine(directory, "root");
        Config = JsonNode.Parse(File.ReadAllText(Path.Combine(directory, "config.json")))!["config"]!;
    }

    /// <summary>Why no image can be built here; empty when one can.</summary>
    public static string Missing { get; } = (OperatingSystem.IsLinux() && Environment.UserName == "root", File.Exists("/usr/bin/buildah") && File.Exists("/usr/sbin/debootstrap")) switch
    {
        (false, _) => "The image is built with buildah, which needs Linux and root here.",
        (_, false) => "There is no buildah or no debootstrap: tests/install.sh installs what is needed.",
        _ => "",
    };

    public string Root { get; }

    /// <summary>The program in it, from outside.</summary>
    public string Executable => Root + Program;

    /// <summary>What the image says of how it is run.</summary>
    public JsonNode Config { get; }

    /// <summary>Built once.</summary>
    public static Task<Image> BuiltAsync() => Building.Value;

    /// <summary>A container of it, which runs as long as it likes.</summary>
    /// <param name="directory">Where its root is made; what is in <c>files</c> there is laid over the image.</param>
    public RunningProgram Run(string directory, IEnumerable<string> environment, params IEnumerable<string> arguments) =>
        new(Repository.PathOf("tests/EndToEnd.Tests/pod.sh"), [directory, Executable, .. environment, "--", .. arguments]);

    private static async Task<Image> BuildAsync()
    {
        var directory = Repository.PathOf("artifacts/image");
        await RunningProgram.RunAsync(Repository.PathOf("tests/image/build.sh"), "--out", directory);
        return new Image(directory);
    }
}
