import type { FieldRow } from "../schema/table-format.ts";
import type { FieldSchema, FieldType, ScalarName, StructSchema } from "../schema.ts";

/** What types with a reader of their own read themselves from: that is what messages name. */
const readFrom: Readonly<Partial<Record<ScalarName, string>>> = {
  intOrString: "int32",
  time: "string",
  microTime: "string",
  duration: "string",
};

const scalarNames: Readonly<Partial<Record<ScalarName, string>>> = {
  bytes: "[]uint8",
  quantity: "resource.Quantity",
  intOrString: "intstr.IntOrString",
  time: "v1.Time",
  microTime: "v1.MicroTime",
  duration: "v1.Duration",
  rawExtension: "runtime.RawExtension",
  fieldsV1: "v1.FieldsV1",
  json: "v1.JSON",
  stringList: "v1.ExtraValue",
};

/** Names of text types that the tables do not carry; `$` stands for the version of the type around them. */
const textNames: Readonly<Record<string, string>> = {
  "APIResource.verbs": "v1.Verbs",
  "AttachedVolume.name": "v1.UniqueVolumeName",
  "BoundObjectReference.uid": "types.UID",
  "Capabilities.add": "v1.Capability",
  "Capabilities.drop": "v1.Capability",
  "ConfigMapNodeConfigSource.uid": "types.UID",
  "ConversionRequest.uid": "types.UID",
  "ConversionResponse.uid": "types.UID",
  "DaemonSetCondition.type": "v1.DaemonSetConditionType",
  "DeviceConstraint.distinctAttribute": "$.FullyQualifiedName",
  "DeviceConstraint.matchAttribute": "$.FullyQualifiedName",
  "DeviceRequestAllocationResult.shareID": "types.UID",
  "FlowSchemaCondition.type": "v1.FlowSchemaConditionType",
  "JSONSchemaProps.$schema": "v1.JSONSchemaURL",
  "NodeAllocatableResourceMapping.capacityKey": "$.QualifiedName",
  "NodeStatus.volumesInUse": "v1.UniqueVolumeName",
  "ObjectMeta.uid": "types.UID",
  "ObjectReference.uid": "types.UID",
  "OwnerReference.uid": "types.UID",
  "PodCertificateRequestSpec.nodeName": "types.NodeName",
  "PodCertificateRequestSpec.nodeUID": "types.UID",
  "PodCertificateRequestSpec.podUID": "types.UID",
  "PodCertificateRequestSpec.serviceAccountUID": "types.UID",
  "Preconditions.uid": "types.UID",
  "PriorityLevelConfigurationCondition.type": "v1.PriorityLevelConfigurationConditionType",
  "ResourceClaimConsumerReference.uid": "types.UID",
  "ResourceHealth.resourceID": "v1.ResourceID",
  "StatefulSetCondition.type": "v1.StatefulSetConditionType",
  "StatusDetails.uid": "types.UID",
  "UncountedTerminatedPods.failed": "types.UID",
  "UncountedTerminatedPods.succeeded": "types.UID",
};

/** Maps whose keys have a name of their own in Go. */
const keyNames: Readonly<Record<string, string>> = {
  "BasicDevice.attributes": "$.QualifiedName",
  "BasicDevice.capacity": "$.QualifiedName",
  "CapacityRequirements.requests": "$.QualifiedName",
  "Device.attributes": "$.QualifiedName",
  "Device.capacity": "$.QualifiedName",
  "DeviceRequestAllocationResult.consumedCapacity": "$.QualifiedName",
};

/**
 * The Go type that messages name for a value of the wrong JSON type.
 * @param type the type of the field itself, or of something inside it
 */
export function goTypeName(type: FieldType, field: FieldSchema | undefined, struct: StructSchema): string {
  const own = type.kind === "scalar" ? readFrom[type.scalar] : undefined;
  if (own !== undefined) return own;
  if (field === undefined) return plainName(type, undefined, "", struct);
  if (type === field.type && field.row.alias !== undefined) return versionedName(field.row.alias);
  return plainName(type, field.row, `${lastPart(struct.name)}.${field.name}`, struct);
}

function plainName(type: FieldType, row: FieldRow | undefined, place: string, struct: StructSchema): string {
  switch (type.kind) {
    case "struct":
      return type.struct.goName;
    case "list":
      return `[]${plainName(type.element, row, place, struct)}`;
    case "map":
      return `map[${keyName(row, place, struct)}]${plainName(type.value, row, place, struct)}`;
    case "scalar": {
      if (type.scalar !== "string") return scalarNames[type.scalar] ?? type.scalar;
      if (row?.enum !== undefined) return versionedName(row.enum);
      const known = textNames[place];
      return known === undefined ? "string" : withVersion(known, struct);
    }
  }
}

function keyName(row: FieldRow | undefined, place: string, struct: StructSchema): string {
  if (row?.keyEnum !== undefined) return versionedName(row.keyEnum);
  const known = keyNames[place];
  return known === undefined ? "string" : withVersion(known, struct);
}

/** `core.v1.Protocol` is `v1.Protocol` in Go. */
function versionedName(name: string): string {
  return name.slice(name.indexOf(".") + 1);
}

function withVersion(name: string, struct: StructSchema): string {
  return name.replace("$", struct.goName.slice(0, struct.goName.indexOf(".")));
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1);
}
