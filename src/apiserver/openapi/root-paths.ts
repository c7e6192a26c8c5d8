import { type ApiOperation, type ApiPath, objectMediaTypes } from "./operation.ts";
import { groupTag, groupTitle, type PathContext, rootOf } from "./resource-paths.ts";
import type { SchemaNode } from "./schema-node.ts";

/** `/api/`. */
export function describeCoreVersions({ definitions }: PathContext): ApiPath {
  const answer = definitions.referTo("meta.v1.APIVersions");
  return readOnly("/api/", "getCoreAPIVersions", "core", "get available API versions", answer);
}

/** `/apis/`. */
export function describeGroups({ definitions }: PathContext): ApiPath {
  const answer = definitions.referTo("meta.v1.APIGroupList");
  return readOnly("/apis/", "getAPIVersions", "apis", "get available API versions", answer);
}

/** `/apis/<group>/`. */
export function describeGroup(group: string, { definitions }: PathContext): ApiPath {
  const answer = definitions.referTo("meta.v1.APIGroup");
  const id = `get${groupTitle(group)}APIGroup`;
  return readOnly(`/apis/${group}/`, id, groupTag(group), "get information of a group", answer);
}

/** `/api/v1/` or `/apis/<group>/<version>/`. */
export function describeGroupVersion(group: string, version: string, { definitions }: PathContext): ApiPath {
  const answer = definitions.referTo("meta.v1.APIResourceList");
  const id = `get${groupTitle(group)}${version.slice(0, 1).toUpperCase()}${version.slice(1)}APIResources`;
  const path = `${rootOf({ group, version })}/`;
  return readOnly(path, id, groupTag(group, version), "get available resources", answer);
}

/** `/version/`. */
export function describeVersion({ definitions }: PathContext): ApiPath {
  const answer = definitions.add("io.k8s.apimachinery.pkg.version.Info", versionInfo);
  const text = "get the version information for this server";
  return readOnly("/version/", "getCodeVersion", "version", text, answer, ["application/json"]);
}

/** `/.well-known/openid-configuration/`. */
export function describeOpenidConfiguration(): ApiPath {
  const text = "get service account issuer OpenID configuration, also known as the 'OIDC discovery doc'";
  const id = "getServiceAccountIssuerOpenIDConfiguration";
  return readOnly("/.well-known/openid-configuration/", id, "WellKnown", text, { type: "string" }, [
    "application/json",
  ]);
}

/** `/openid/v1/jwks/`. */
export function describeOpenidKeys(): ApiPath {
  const text = "get service account issuer OpenID JSON Web Key Set (contains public token verification keys)";
  const id = "getServiceAccountIssuerOpenIDKeyset";
  return readOnly("/openid/v1/jwks/", id, "openid", text, { type: "string" }, ["application/jwk-set+json"]);
}

/** What `/version` answers with, in written order. */
const versionFields: readonly (readonly [name: string, isRequired: boolean])[] = [
  ["major", true],
  ["minor", true],
  ["emulationMajor", false],
  ["emulationMinor", false],
  ["minCompatibilityMajor", false],
  ["minCompatibilityMinor", false],
  ["gitVersion", true],
  ["gitCommit", true],
  ["gitTreeState", true],
  ["buildDate", true],
  ["goVersion", true],
  ["compiler", true],
  ["platform", true],
];

const versionInfo: SchemaNode = {
  type: "object",
  required: versionFields.filter(([, isRequired]) => isRequired).map(([name]) => name),
  properties: Object.fromEntries(
    versionFields.map(([name, isRequired]) => [
      name,
      isRequired ? { type: "string" as const, default: "" } : { type: "string" as const },
    ]),
  ),
};

function readOnly(
  path: string,
  id: string,
  tag: string,
  description: string,
  answer: SchemaNode,
  produces: readonly string[] = objectMediaTypes,
): ApiPath {
  const operation: ApiOperation = {
    method: "get",
    id,
    tag,
    description,
    parameters: [],
    ...(answer.ref === undefined ? {} : { consumes: produces }),
    produces,
    successes: { 200: answer },
  };
  return { path, operations: [operation] };
}
