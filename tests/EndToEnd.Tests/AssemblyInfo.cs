// A scenario mostly waits, and so all of them run at once; on two cores the longest one decides.
[assembly: CollectionBehavior(MaxParallelThreads = 16)]
