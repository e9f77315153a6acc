using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Stepper.Cluster.Kubernetes.Objects;

namespace Stepper.Cluster.Kubernetes;

// The properties of what is read have setters: the source generator gives an init-only property that the JSON leaves out no initial value (measured).
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, NumberHandling = JsonNumberHandling.Strict)]
[JsonSerializable(typeof(Node))]
[JsonSerializable(typeof(Pod))]
[JsonSerializable(typeof(SchedulablePod))]
[JsonSerializable(typeof(ImagePod))]
[JsonSerializable(typeof(RoleBinding))]
[JsonSerializable(typeof(Job))]
[JsonSerializable(typeof(ConfigMap))]
[JsonSerializable(typeof(MetadataOnly))]
[JsonSerializable(typeof(ReplicatedWorkload))]
[JsonSerializable(typeof(PodDisruptionBudget))]
[JsonSerializable(typeof(AccessReview))]
[JsonSerializable(typeof(KubeStatus))]
[JsonSerializable(typeof(JsonObject))]
[JsonSerializable(typeof(KubePage<Node>))]
[JsonSerializable(typeof(KubePage<Pod>))]
[JsonSerializable(typeof(KubePage<SchedulablePod>))]
[JsonSerializable(typeof(KubePage<ImagePod>))]
[JsonSerializable(typeof(KubePage<RoleBinding>))]
[JsonSerializable(typeof(KubePage<Job>))]
[JsonSerializable(typeof(KubePage<ConfigMap>))]
[JsonSerializable(typeof(KubePage<MetadataOnly>))]
[JsonSerializable(typeof(KubePage<ReplicatedWorkload>))]
[JsonSerializable(typeof(KubePage<PodDisruptionBudget>))]
[JsonSerializable(typeof(KubePage<AccessReview>))]
[JsonSerializable(typeof(KubePage<JsonObject>))]
internal sealed partial class KubeJson : JsonSerializerContext;
