using Stepper.Bench;

// Measures the executable and the simulation against the budgets, and prints one table. `make bench` publishes the executable and runs this.
if (args is not [var executable, .. var image])
{
    Console.Error.WriteLine("bench: the executable is needed, and where there is one the directory of the image that tests/image/build.sh made.");
    return 2;
}

List<Budget> budgets = [];
Measure("start to the first API call", await StartToFirstCall.MeasureAsync(executable));
Measure("a rehearsal of five nodes", await Rehearsals.OfFiveNodesAsync(executable));
if (image is [var directory])
{
    Measure("the image", [new Budget("image", ImageSize(directory) / 1e6, 120, "MB")]);
    Measure("a chain of five nodes", await FiveNodes.MeasureAsync(directory));
    Measure("steps among 1,000 nodes", await ThousandNodes.MeasureAsync(directory));
}
else
{
    Console.WriteLine("The image and chains of real processes are not measured: they need root, and what tests/install.sh installs.");
}

Measure("random chains", await RandomChains.MeasureAsync());
Measure("a rehearsal of 1,000 nodes", [Rehearsals.OfThousandNodes()]);
Console.Write("\n" + Budget.Table(budgets));
return 0;

void Measure(string what, IEnumerable<Budget> measured)
{
    Console.WriteLine($"measured: {what}");
    budgets.AddRange(measured);
}

static long ImageSize(string directory) =>
    new DirectoryInfo(Path.Combine(directory, "root")).EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint })
        .Sum(file => file.Length);
