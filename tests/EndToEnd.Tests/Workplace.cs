using System.Diagnostics;

namespace Stepper.EndToEnd.Tests;

/// <summary>Where the clusters of this process have their files, and what is left there of a process that was killed.</summary>
internal static class Workplace
{
    private static readonly string All = Path.Combine(Path.GetTempPath(), "stepper-end-to-end");
    private static readonly string Own = Path.Combine(All, $"{Environment.ProcessId}");
    private static readonly string[] Tools = ["prometheus", "prometheus-pushgateway", "ssh", "debootstrap", "buildah", "unshare", "setpriv"];
    private static readonly Lazy<Task> Clearing = new(ClearAsync);

    public static string DirectoryOf(string cluster) => Path.Combine(Own, cluster);

    /// <summary>Why this machine can't run such a cluster; empty when it can.</summary>
    public static string WhyNot() => (OperatingSystem.IsLinux() && Environment.UserName == "root", Tools.FirstOrDefault(tool => !IsThere(tool))) switch
    {
        (false, _) => "The end-to-end test starts machines, which needs Linux and root.",
        (_, { } tool) => $"There is no {tool} on the path: tests/install.sh installs what is needed.",
        _ => "",
    };

    public static async Task EnterAsync(string directory)
    {
        await Clearing.Value;
        Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    public static void Leave(string directory)
    {
        // Not under machines that could not be taken down: what is mounted there is not ours alone.
        if (Directory.Exists(directory) && !Directory.Exists(Path.Combine(directory, "lab")))
        {
            Directory.Delete(directory, recursive: true);
        }

        try
        {
            Directory.Delete(Own);
        }
        catch (IOException)
        {
            // Another cluster is still there, or was the last one.
        }
    }

    // What a process leaves that was killed: no other has its number.
    private static async Task ClearAsync()
    {
        foreach (var left in Directory.Exists(All) ? Directory.GetDirectories(All) : [])
        {
            if (!Directory.Exists($"/proc/{Path.GetFileName(left)}"))
            {
                KillAllThatName(left);
                foreach (var cluster in Directory.GetDirectories(left))
                {
                    await NodeLab.DownAsync(Path.Combine(cluster, "lab"));
                }

                Directory.Delete(left, recursive: true);
            }
        }
    }

    private static void KillAllThatName(string directory)
    {
        foreach (var id in Directory.GetDirectories("/proc").Select(Path.GetFileName).Where(name => int.TryParse(name, out _)))
        {
            try
            {
                if (File.ReadAllText($"/proc/{id}/cmdline").Contains(directory + "/", StringComparison.Ordinal))
                {
                    using var process = Process.GetProcessById(int.Parse(id!));
                    process.Kill();
                }
            }
            catch (Exception e) when (e is IOException or ArgumentException or InvalidOperationException)
            {
                // It has ended meanwhile.
            }
        }
    }

    private static bool IsThere(string tool) => new[] { "/usr/bin", "/usr/sbin", "/usr/local/bin", "/bin", "/sbin" }.Any(folder => File.Exists(Path.Combine(folder, tool)));
}
