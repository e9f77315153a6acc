namespace Stepper.Cluster.NodeShell;

/// <summary>A file into which etcd saved its database, as it was read whole.</summary>
/// <param name="Path">Where it lies on the node.</param>
/// <param name="Reused">It was there from before.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Revision">The newest revision in it.</param>
/// <param name="RevisionBefore">The revision that etcd was at before it was saved.</param>
/// <param name="Keys">How many keys are in it.</param>
public sealed record SavedEtcd(string Path, bool Reused, long Bytes, long Revision, long RevisionBefore, long Keys);
