namespace Stepper.Cluster;

/// <summary>Something outside answered wrongly or not at all. The message says who was asked, for what, and what came back.</summary>
public class SourceException(string message, Exception? inner = null) : Exception(message, inner);
