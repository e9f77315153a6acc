using Stepper.Bench;

// Measures the executable and the simulation against the budgets, and prints one table. `make bench` publishes the executable and runs this.
if (args is not [var executable, .. var image])
{
    Console.Error.WriteLine("bench: the executable is needed, and where there is one the directory of the image that tests/image/build.sh made.");
    return 2;
}

List<Budget> budgets = [];
var failed = 0;
await MeasureAsync("start to the first API call", async () => await StartToFirstCall.MeasureAsync(executable, image is [var built] ? await File.ReadAllLinesAsync(Path.Combine(built, "environment")) : []));
await MeasureAsync("a rehearsal of five nodes", async () => await Rehearsals.OfFiveNodesAsync(executable));
if (image is [var directory])
{
    await MeasureAsync("the image", () => Task.FromResult<IEnumerable<Budget>>([new Budget("image", ImageSize(directory) / 1e6, 120, "MB")]));
    await MeasureAsync("a chain of five nodes", async () => await FiveNodes.MeasureAsync(directory));
    await MeasureAsync("steps among 1,000 nodes", async () => await ThousandNodes.MeasureAsync(directory));
}
else
{
    Console.WriteLine("The image and chains of real processes are not measured: they need root, and what tests/install.sh installs.");
}

await MeasureAsync("a drain beside kubectl's", async () => await Drains.MeasureAsync());
await MeasureAsync("random chains", async () => await RandomChains.MeasureAsync());
await MeasureAsync("a rehearsal of 1,000 nodes", () => Task.FromResult<IEnumerable<Budget>>([Rehearsals.OfThousandNodes()]));
Console.Write("\n" + Budget.Table(budgets));
return failed == 0 ? 0 : 1;

// Told at once: what comes later may take minutes, or fail.
async Task MeasureAsync(string what, Func<Task<IEnumerable<Budget>>> measure)
{
    try
    {
        var measured = (await measure()).ToList();
        budgets.AddRange(measured);
        Console.Write($"measured: {what}\n{Budget.Table(measured)}");
    }
    catch (Exception e) when (e is not OutOfMemoryException)
    {
        failed++;
        Console.WriteLine($"NOT measured: {what}: {e.Message}");
    }
}

static long ImageSize(string directory) =>
    new DirectoryInfo(Path.Combine(directory, "root")).EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint })
        .Sum(file => file.Length);
