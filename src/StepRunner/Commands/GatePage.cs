using System.Text.Json.Nodes;
using Stepper.StepRunner.Gates;
using Stepper.StepRunner.Gates.Compatibility;

namespace Stepper.StepRunner.Commands;

/// <summary>What the compatibility gate says, as a person reads it, or as data.</summary>
internal static class GatePage
{
    public static void Write(CompatibilityReport report, TextWriter output)
    {
        output.WriteLine($"{report.Running} to {report.Target} ({report.Kind.Text()}), by {report.Matrix}");
        output.WriteLine();
        foreach (var row in Table(report))
        {
            output.WriteLine(row);
        }

        foreach (var group in report.Findings.GroupBy(Word, StringComparer.Ordinal).OrderBy(group => Order(group.First())))
        {
            output.WriteLine();
            output.WriteLine($"{group.Key}:");
            foreach (var finding in group)
            {
                output.WriteLine($"- {finding}");
            }
        }

        output.WriteLine();
        output.WriteLine(report.Readiness switch
        {
            Readiness.Ready => "Safe: nothing that is known is in the way.",
            Readiness.Held => "Held: acting does not help yet.",
            _ => "Blocked: somebody must act.",
        });
    }

    public static string Json(CompatibilityReport report) => OutputForm.Json(new JsonObject
    {
        ["running"] = report.Running.ToString(),
        ["target"] = report.Target.ToString(),
        ["kind"] = report.Kind.Text(),
        ["matrix"] = report.Matrix,
        ["result"] = report.Readiness switch { Readiness.Ready => "safe", Readiness.Held => "held", _ => "blocked" },
        ["checks"] = new JsonArray([.. report.Answers.Select(answer => new JsonObject
        {
            ["what"] = answer.What,
            ["runs"] = answer.Seen,
            ["answer"] = Word(answer),
            ["findings"] = new JsonArray([.. answer.Findings.Select(finding => new JsonObject
            {
                ["class"] = Word(finding),
                ["seen"] = finding.Seen,
                ["command"] = finding.Show,
            })]),
        })]),
    });

    private static IEnumerable<string> Table(CompatibilityReport report)
    {
        List<(string What, string Runs, string Answer)> rows = [("WHAT", "RUNS", "ANSWER"), .. report.Answers.Select(answer => (answer.What, answer.Seen, Word(answer)))];
        var (what, runs) = (rows.Max(row => row.What.Length), rows.Max(row => row.Runs.Length));
        return rows.Select(row => $"{row.What.PadRight(what)}   {row.Runs.PadRight(runs)}   {row.Answer}");
    }

    private static string Word(CompatibilityAnswer answer) => answer.Findings.OrderBy(Order).FirstOrDefault() is { } worst ? Word(worst) : "works";

    private static string Word(Finding finding) => finding.Blocks ? GateList.Words(finding.Class) : "warning";

    // What blocks first, as everywhere.
    private static int Order(Finding finding) => finding.Blocks ? (int)finding.Class : int.MaxValue;
}
