using System.Diagnostics;
using Stepper.Cluster.NodeShell;
using Stepper.Simulation.Printed;

namespace Stepper.Cluster.Tests.NodeShell;

/// <summary>The node script's own readers, run by bash, with what kubeadm of 1.31 to 1.36 really printed.</summary>
public sealed class NodeScriptWordsTests
{
    private static readonly string Script = File.ReadAllText("update_k8s.sh");

    public NodeScriptWordsTests() => Assert.SkipUnless(File.Exists("/bin/bash"), "There is no bash here.");

    public static TheoryData<string> Failures =>
        [.. Recording.Names.Where(name => name.StartsWith("kubeadm/", StringComparison.Ordinal) && Recording.Of(name).ExitCode != 0)];

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Incident18_OnlyATimeOutOfAHashIsTriedAgain(string name) =>
        (await AskAsync("hash_timed_out", "hash_timed_out", Recording.Of(name).Text)).Code.ShouldBe(name.EndsWith("hash-timeout", StringComparison.Ordinal) ? 0 : 1);

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task WhatMayPassByItselfIsTheSameOnTheNodeAndInPreflight(string name) =>
        (await AskAsync("may_pass", "may_pass", Recording.Of(name).Text)).Code.ShouldBe(KubeadmWords.MayPass(Recording.Of(name).Text) ? 0 : 1);

    [Theory]
    [InlineData("v1.31/apply-help", "")]
    [InlineData("v1.31/node-help", "preflight control-plane kubelet-config")]
    [InlineData("v1.32/apply-help", "preflight control-plane upload-config upload-config/kubeadm upload-config/kubelet kubelet-config bootstrap-token addon addon/coredns addon/kube-proxy post-upgrade")]
    [InlineData("v1.36/apply-help", "preflight control-plane upload-config upload-config/kubeadm upload-config/kubelet kubelet-config bootstrap-token addon addon/coredns addon/kube-proxy post-upgrade")]
    [InlineData("v1.36/node-help", "preflight control-plane kubelet-config addon addon/coredns addon/kube-proxy post-upgrade")]
    public async Task Incident19_ThePhasesThatACommandKnowsAreReadFromItsHelp(string name, string phases)
    {
        var (_, said) = await AskAsync("phases_in", "phases_in \"$(cat \"$output\")\"", Recording.Of("kubeadm/" + name).Text);

        said.Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldBe(phases.Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }

    // The function as it stands in the script, and a file of what kubeadm said, as it has one.
    private static async Task<(int Code, string Said)> AskAsync(string function, string call, string kubeadm)
    {
        var from = Script.IndexOf($"\n{function}() {{", StringComparison.Ordinal);
        var line = Script[from..Script.IndexOf('\n', from + 1)];
        var text = line.EndsWith('}') ? line : Script[from..(Script.IndexOf("\n}", from, StringComparison.Ordinal) + 2)];
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, kubeadm, TestContext.Current.CancellationToken);
            using var bash = Process.Start(new ProcessStartInfo("/bin/bash", ["-c", $"output=$1\n{text}\n{call}", "bash", file]) { UseShellExecute = false, RedirectStandardOutput = true })!;
            var said = await bash.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await bash.WaitForExitAsync(TestContext.Current.CancellationToken);
            return (bash.ExitCode, said);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
