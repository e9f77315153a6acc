namespace Stepper.Simulation;

/// <summary>What runs in the pods of which image. An image that is not here just runs; in a pod that is not restarted, it ends well after a while.</summary>
public sealed class ImagePrograms
{
    private readonly List<(string Prefix, PodProgram Program)> _programs = [];

    /// <summary>How long a pod that nobody restarts takes where its image has no program.</summary>
    public TimeSpan UsuallyTakes { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>The image whose name begins so runs this.</summary>
    public void Set(string imagePrefix, PodProgram program)
    {
        _programs.RemoveAll(each => each.Prefix == imagePrefix);
        _programs.Add((imagePrefix, program));
    }

    /// <summary>The image whose name begins so says something, and ends after a while.</summary>
    public void Set(string imagePrefix, TimeSpan takes, string log, int exitCode = 0) => Set(imagePrefix, Scripted(takes, log, exitCode));

    internal PodProgram? Find(string image, bool restarts)
    {
        var longest = _programs.Where(each => image.StartsWith(each.Prefix, StringComparison.Ordinal)).OrderByDescending(each => each.Prefix.Length);
        return longest.Select(each => each.Program).FirstOrDefault() ?? (restarts ? null : Scripted(UsuallyTakes, "", 0));
    }

    private static PodProgram Scripted(TimeSpan takes, string log, int exitCode) => async process =>
    {
        try
        {
            await new Cluster.Wait(process.Time).ForAsync(takes, process.Terminated);
        }
        catch (OperationCanceledException)
        {
            return 143;
        }

        await process.Output.WriteAsync(log);
        return exitCode;
    };
}
