namespace Stepper.StepRunner.State;

/// <summary>The names of all annotations that stepper writes, under the operator's prefix (<c>annotationPrefix</c>).</summary>
internal sealed class Annotations(string prefix)
{
    // On the namespace.
    public string InFlight => Named("k8s-upgrade-in-flight");

    public string Target => Named("k8s-upgrade-target");

    public string SnapshotPath => Named("k8s-upgrade-snapshot-path");

    /// <summary>Whose pods were not ready before the run.</summary>
    public string NotReadyBefore => Named("k8s-upgrade-not-ready-before");

    public string LastSnapshot => Named("k8s-upgrade-last-snapshot");

    public string Progress => Named("k8s-upgrade-progress");

    public string ParkedUntil => Named("k8s-upgrade-parked-until");

    /// <summary>What was told last of a step that refused.</summary>
    public string ToldOfRefusal => Named("k8s-upgrade-told-refusal");

    /// <summary>What was told last of a detection that aborted.</summary>
    public string ToldOfDetection => Named("k8s-upgrade-told-detection");

    // On a Job.
    public string Run => Named("k8s-upgrade-run");

    /// <summary>The stopped run whose place a preflight takes.</summary>
    public string TakesOver => Named("k8s-upgrade-takes-over");

    public string Outcome => Named("k8s-upgrade-outcome");

    // On a node.

    /// <summary>The run that cordoned the node.</summary>
    public string Cordoned => Named("k8s-upgrade-cordoned");

    /// <summary>The run that found the node cordoned by a person, and leaves it so.</summary>
    public string CordonedBefore => Named("k8s-upgrade-cordoned-before");

    /// <summary>What the kubelet ran before the run's step on the node.</summary>
    public string From => Named("k8s-upgrade-from");

    /// <summary>The run, and what ran on the node before its step there.</summary>
    public string RanBefore => Named("k8s-upgrade-ran-before");

    /// <summary>How much of the forecast of the node's drain came so, and in which run.</summary>
    public string Forecast => Named("k8s-upgrade-forecast");

    public string StepBegan => Named("k8s-upgrade-step-began");

    public string StepEnded => Named("k8s-upgrade-step-ended");

    /// <summary>The pod of the last step that began on the node, or that it was one by hand.</summary>
    public string StepBy => Named("k8s-upgrade-step-by");

    /// <summary>The release at which all that follows a control-plane node's upgrade was done too.</summary>
    public string Finished => Named("k8s-upgrade-finished");

    // On a Deployment.

    /// <summary>How many replicas it had before the chain set it to 0.</summary>
    public string Replicas => Named("k8s-upgrade-replicas");

    private string Named(string name) => $"{prefix}/{name}";
}
