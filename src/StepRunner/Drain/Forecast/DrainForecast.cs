namespace Stepper.StepRunner.Drain.Forecast;

/// <summary>What the drain of one node is going to meet, as things are now. Pure.</summary>
/// <param name="Pods">The names of those that it evicts, as <c>namespace/name</c>.</param>
/// <param name="UnscheduledBefore">How many pods of a controller have no node already; by its uid.</param>
internal sealed record DrainForecast(
    string Node, IReadOnlyList<string> Pods, NodeRoom Room, IReadOnlyList<BudgetGroup> Budgets, IReadOnlyDictionary<string, int> UnscheduledBefore)
{
    private const int Named = 5;

    public static DrainForecast Of(ClusterPicture picture, string node) => new(
        node, [.. picture.On(node).Select(pod => pod.Name).Order(StringComparer.Ordinal)], RoomForecast.Of(picture, node), BudgetGroup.Of(picture.On(node)), picture.Unscheduled);

    /// <summary>Whether somebody should hear of it before: pods will find no room, or a budget will hold the drain up until its time is over.</summary>
    public bool IsBad(BudgetMode mode) => Room.Homeless > 0 || Budgets.Any(group => group.IsInVain(mode));

    /// <summary>One line for a person.</summary>
    public string InWords(BudgetMode mode) => string.Join("; ", [
        $"{Node}: its drain evicts {Pods.Count} pods",
        .. Budgets.Where(group => group.Blocked > 0).Take(Named).Select(group => Held(group, mode)),
        $"room: {Room.Pods - Room.Homeless - Untold} of {Room.Pods} find some{(Untold > 0 ? $", of {Untold} it can't be told" : "")}",
        .. Room.Homeless > 0 ? [Room.InWords()] : Array.Empty<string>()]);

    // Those of which at least so many find none are among those of which it is not known which.
    private int Untold => Math.Min(Room.Untold, Room.Pods - Room.Homeless);

    private static string Held(BudgetGroup group, BudgetMode mode) =>
        $"{group.Blocked} of {group.Pods.Count} have to wait for {group.Budgets.InWords()}" + (group.Outlook.Answer switch
        {
            BudgetAnswer.LetsGo => ", for the others to be back",
            BudgetAnswer.Impossible => $": {group.Outlook.Why}",
            _ => $": {group.WhatTheDrainDoes(mode)}",
        }) + $" ({string.Join(", ", group.Pods.Take(Named).Select(pod => pod.Name))})";
}
