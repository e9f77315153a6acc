using Stepper.Detection;
using Stepper.StepRunner.Gates.Compatibility;
using Stepper.StepRunner.Settings;
using Stepper.StepRunner.Spawning;
using Stepper.StepRunner.State;

namespace Stepper.StepRunner;

/// <summary>The files that a step reads besides its settings.</summary>
/// <param name="JobTemplate">The template of the next Job.</param>
/// <param name="NodeScript">What runs on a node.</param>
/// <param name="SlackWebhook">Null: no Slack.</param>
/// <param name="Matrix">What works with which minor; one that can't be read stops no step, only a preflight by its gate.</param>
internal sealed record ShippedFiles(string JobTemplate, string NodeScript, Uri? SlackWebhook, MatrixFile Matrix)
{
    public const string TemplatePath = "/template/job-template.yaml";
    private const string ScriptPath = "/scripts/update_k8s.sh";

    /// <summary>Reads them; null when one that is needed is missing or unusable, which is added to the problems.</summary>
    /// <param name="inPod">In a pod the template must be mounted; by hand the shipped one serves.</param>
    /// <param name="matrix">The path of a compatibility matrix that was named; null: the one that is found.</param>
    public static ShippedFiles? Read(Func<string, string?> read, StepperSettings settings, bool inPod, string? matrix, ICollection<string> problems)
    {
        var template = read(TemplatePath) ?? (inPod ? null : Embedded("job-template.yaml"));
        if (template is null)
        {
            problems.Add($"{TemplatePath} can't be read; ConfigMap k8s-upgrade-job-template is mounted there.");
        }
        else if (WhyUnusable(template, settings) is { } why)
        {
            problems.Add(why);
        }

        Uri? slack = null;
        if (read(settings.SlackWebhookFile)?.Trim() is { Length: > 0 } text && (!Uri.TryCreate(text, UriKind.Absolute, out slack) || slack.Scheme is not ("https" or "http")))
        {
            // What is in it is a secret, whatever it is.
            problems.Add($"{settings.SlackWebhookFile} holds no address of a Slack incoming webhook such as https://hooks.slack.com/services/….");
        }

        var named = matrix is null ? null : NamedMatrix(read, matrix, problems);

        return problems.Count > 0 ? null : new ShippedFiles(template!, read(ScriptPath) ?? Embedded("update_k8s.sh"), slack, named is null ? InstalledMatrix(read) : new MatrixFile(matrix!, () => named));
    }

    /// <summary>As far as they are needed to tell somebody that the others are wrong.</summary>
    public static ShippedFiles ForMessages(Func<string, string?> read, StepperSettings settings) =>
        new("", "", Uri.TryCreate(read(settings.SlackWebhookFile)?.Trim(), UriKind.Absolute, out var slack) && slack.Scheme is "https" or "http" ? slack : null, MatrixFile.Shipped);

    // The operator's own, where he has one.
    private static MatrixFile InstalledMatrix(Func<string, string?> read) =>
        read(MatrixFile.Path) is { } own ? new MatrixFile(MatrixFile.Path, () => own) : MatrixFile.Shipped;

    /// <summary>The text of a compatibility matrix that was named; null when it can't be read, which is added to the problems.</summary>
    public static string? NamedMatrix(Func<string, string?> read, string path, ICollection<string> problems)
    {
        var text = read(path);
        if (text is null)
        {
            problems.Add($"{path} can't be read; it was named as the compatibility matrix (--matrix).");
        }

        return text;
    }

    // Tried at once, and not when the next step is due: by then a node may have been drained for it.
    private static string? WhyUnusable(string template, StepperSettings settings)
    {
        try
        {
            var step = new Step(PhaseName.Preflight, null, new Run(default, default), UpgradeKind.Patch, "image");
            new StepJob(template, settings.Namespace, new Annotations(settings.AnnotationPrefix), StepLimits.Of(settings)).Render(step, host: null);
            return null;
        }
        catch (UsageException e)
        {
            return e.Message;
        }
    }

    /// <summary>A file that is in the executable itself.</summary>
    public static string Embedded(string name)
    {
        using var stream = typeof(ShippedFiles).Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"{name} is not in this executable.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
