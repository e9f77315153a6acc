namespace Stepper.Cluster.Tests.NodeShell;

/// <summary>Small programs that stand in for those of a node.</summary>
internal static class Stand
{
    public static void In(string directory, string name, string script)
    {
        var path = Path.Combine(directory, name);
        File.WriteAllText(path, "#!/bin/sh\n" + script + "\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
