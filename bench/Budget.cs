namespace Stepper.Bench;

/// <summary>One line of the table: what was measured, against what it may be.</summary>
/// <param name="Unit">Of both numbers.</param>
/// <param name="Most">What it may be at most.</param>
internal sealed record Budget(string What, double Measured, double Most, string Unit, string Note = "")
{
    private bool IsKept => Measured <= Most;

    /// <summary>The table, as text.</summary>
    public static string Table(IReadOnlyList<Budget> budgets)
    {
        List<string[]> rows = [["WHAT", "MEASURED", "BUDGET", "", ""], .. budgets.Select(budget => budget.Row())];
        var widths = Enumerable.Range(0, 5).Select(column => rows.Max(row => row[column].Length)).ToList();
        return string.Concat(rows.Select(row => string.Join("  ", row.Select((cell, column) => column is 1 or 2 ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column]))).TrimEnd() + "\n"));
    }

    private string[] Row() => [What, $"{Number(Measured)} {Unit}", $"{Number(Most)} {Unit}", IsKept ? "ok" : "OVER", Note];

    private static string Number(double value) => value < 20 && value != Math.Floor(value) ? $"{value:0.00}" : $"{value:0}";
}
