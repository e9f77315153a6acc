using System.Text.Json.Nodes;

namespace Stepper.Simulation.Controllers;

/// <summary><c>spec.podFailurePolicy</c> of a Job: the first rule that a failed pod meets decides.</summary>
internal static class PodFailurePolicy
{
    /// <summary><c>FailJob</c> with the words of the condition, <c>Ignore</c>, or <c>Count</c>, which is also what holds without a rule.</summary>
    public static (string Action, string Message) Decide(JsonObject job, JsonObject pod)
    {
        var index = 0;
        foreach (var rule in job.Items("spec", "podFailurePolicy", "rules"))
        {
            if (Why(rule, pod) is { } why)
            {
                return (rule.Text("action"), $"{why} matching {rule.Text("action")} rule at index {index}");
            }

            index++;
        }

        return ("Count", "");
    }

    private static string? Why(JsonObject rule, JsonObject pod) =>
        rule["onExitCodes"] is JsonObject codes ? WhyByExitCode(codes, pod) : WhyByCondition(rule, pod);

    private static string? WhyByExitCode(JsonObject codes, JsonObject pod)
    {
        foreach (var container in pod.Items("status", "containerStatuses"))
        {
            // Exit code 0 is no failure, whatever the rule says of other codes.
            if (container.NumberOrNull("state", "terminated", "exitCode") is not ({ } code and not 0)
                || (codes.Text("containerName") is { Length: > 0 } name && name != container.Text("name")))
            {
                continue;
            }

            var isIn = codes.Words("values").Contains($"{code}", StringComparer.Ordinal);
            if (isIn == (codes.Text("operator") == "In"))
            {
                return $"Container {container.Text("name")} for pod {pod.Key()} failed with exit code {code}";
            }
        }

        return null;
    }

    private static string? WhyByCondition(JsonObject rule, JsonObject pod)
    {
        var met = rule.Items("onPodConditions").FirstOrDefault(wanted =>
            pod.Condition(wanted.Text("type")) is { } condition
            && condition.Text("status") == (wanted.Text("status") is { Length: > 0 } status ? status : "True"));
        return met is null ? null : $"Pod {pod.Key()} has condition {met.Text("type")}";
    }
}
