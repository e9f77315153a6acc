using System.Text.Json.Nodes;
using Stepper.StepRunner.Gates;

namespace Stepper.StepRunner.Commands;

/// <summary>A plan as a person reads it, or as data.</summary>
internal static class PlanPage
{
    public static void Write(Plan plan, TextWriter output)
    {
        output.WriteLine($"{plan.Running} to {plan.Target} ({plan.Kind.Text()})");
        output.WriteLine();
        foreach (var answer in plan.Answers)
        {
            output.WriteLine($"  {Word(answer),-9} {answer.Condition}");
            foreach (var finding in answer.Verdict?.Findings ?? [])
            {
                output.WriteLine($"            {(finding.Blocks ? GateList.Words(finding.Class) : "warning")}: {finding}");
            }
        }

        output.WriteLine();
        output.WriteLine(plan.Blockers is [] ? "It could begin now: stepper start --target " + plan.Target : $"Not now. {GateList.InOneLine(plan.Blockers)}");
    }

    public static string Json(Plan plan) => OutputForm.Json(new JsonObject
    {
        ["running"] = plan.Running.ToString(),
        ["target"] = plan.Target.ToString(),
        ["kind"] = plan.Kind.Text(),
        ["ready"] = plan.Blockers is [],
        ["gates"] = new JsonArray([.. plan.Answers.Select(answer => new JsonObject
        {
            ["condition"] = answer.Condition,
            ["answer"] = Word(answer),
            ["findings"] = new JsonArray([.. (answer.Verdict?.Findings ?? []).Select(finding => new JsonObject
            {
                ["class"] = finding.Blocks ? GateList.Words(finding.Class) : "warning",
                ["seen"] = finding.Seen,
                ["since"] = finding.Since,
                ["command"] = finding.Show,
            })]),
        })]),
    });

    private static string Word(GateAnswer answer) => answer.Verdict?.Kind switch
    {
        null => "not asked",
        VerdictKind.Holds => "holds",
        VerdictKind.Warns => "warns",
        VerdictKind.Refuses => "refuses",
        _ => "aborts",
    };
}
