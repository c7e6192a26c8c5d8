import { describe, expect, test } from "vitest";
import { servedKinds } from "../../api/kinds.ts";
import { createSchemaRegistry } from "../../api/schema.ts";
import { definitionOf } from "../../resources/catalog.ts";
import { createResourceTable } from "../resource-table.ts";
import { type Descriptions, noDescriptions } from "./descriptions.ts";
import { buildV2Document, buildV3Document, type DocumentSource, documentNames } from "./documents.ts";

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
  readonly definitions: Readonly<Record<string, Schema>>;
}

type Operation = Readonly<Record<string, unknown>> & { readonly operationId?: string };
type Schema = Readonly<Record<string, unknown>> & { readonly properties?: Readonly<Record<string, object>> };

const schemas = createSchemaRegistry();
const resources = createResourceTable(servedKinds, definitionOf, schemas).all;
const source: DocumentSource = { resources, schemas, descriptions: noDescriptions, version: "1.36" };
const v3 = (name: string, from = source): Document => buildV3Document(name, from) as Document;
const core = v3("api/v1");
const apps = v3("apis/apps/v1");
const v2 = buildV2Document(source) as Document;

/** All references in a document. */
function* refsIn(value: unknown): Generator<string> {
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (key === "$ref" && typeof inner === "string") yield inner;
    else yield* refsIn(inner);
  }
}

function resolves(document: object, ref: string): boolean {
  let value: unknown = document;
  for (const part of ref.replace("#/", "").split("/")) value = (value as Record<string, unknown>)[part];
  return value !== undefined;
}

describe("all documents", () => {
  test.each(documentNames(resources))("%s refers to nothing that it lacks", (name) => {
    const document = v3(name);
    expect([...new Set(refsIn(document))].filter((ref) => !resolves(document, ref))).toEqual([]);
  });

  test("so does version 2", () => {
    expect([...new Set(refsIn(v2))].filter((ref) => !resolves(v2, ref))).toEqual([]);
  });

  test("give each operation a name of its own", () => {
    const names = Object.values(v2.paths).flatMap((path) =>
      Object.values(path).flatMap(({ operationId }) => operationId ?? []),
    );
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThan(800);
  });
});

describe("schemas", () => {
  const schema = (name: string): Schema => core.components.schemas[`io.k8s.api.core.v1.${name}`] ?? {};
  const property = (type: string, name: string): object => schema(type).properties?.[name] ?? {};

  test("say which kind they are", () => {
    expect(schema("Pod")["x-kubernetes-group-version-kind"]).toEqual([{ group: "", kind: "Pod", version: "v1" }]);
    expect(schema("PodSpec")["x-kubernetes-group-version-kind"]).toBeUndefined();
  });

  test("say how lists are merged", () => {
    expect(property("Container", "ports")).toEqual({
      type: "array",
      items: {
        allOf: [{ $ref: "#/components/schemas/io.k8s.api.core.v1.ContainerPort" }],
        default: {},
      },
      "x-kubernetes-list-map-keys": ["containerPort", "protocol"],
      "x-kubernetes-list-type": "map",
      "x-kubernetes-patch-merge-key": "containerPort",
      "x-kubernetes-patch-strategy": "merge",
    });
    expect(property("Container", "command")).toMatchObject({ "x-kubernetes-list-type": "atomic" });
  });

  test("name what is required, what values are possible and what is the default", () => {
    expect(schema("ContainerPort")["required"]).toEqual(["containerPort"]);
    expect(property("Container", "imagePullPolicy")).toEqual({
      type: "string",
      enum: ["Always", "IfNotPresent", "Never"],
    });
    expect(property("ContainerPort", "protocol")).toMatchObject({ default: "TCP" });
  });

  test("tell numbers and quantities apart from strings", () => {
    expect(property("ContainerPort", "hostPort")).toEqual({ type: "integer", format: "int32" });
    expect(core.components.schemas["io.k8s.apimachinery.pkg.api.resource.Quantity"]).toMatchObject({
      oneOf: [{ type: "string" }, { type: "number" }],
    });
    expect(v2.definitions["io.k8s.apimachinery.pkg.api.resource.Quantity"]).toMatchObject({ type: "string" });
    expect(v2.definitions["io.k8s.apimachinery.pkg.util.intstr.IntOrString"]).toMatchObject({
      type: "string",
      format: "int-or-string",
    });
  });

  test("carry descriptions when there are some", () => {
    const descriptions: Descriptions = {
      ...noDescriptions,
      types: { "core.v1.ContainerPort": { "": "A port.", hostPort: "On the host." } },
    };
    const described = v3("api/v1", { ...source, descriptions }).components.schemas["io.k8s.api.core.v1.ContainerPort"];
    expect(described).toMatchObject({
      description: "A port.",
      properties: { hostPort: { type: "integer", format: "int32", description: "On the host." } },
    });
  });
});

describe("paths", () => {
  const path = "/apis/apps/v1/namespaces/{namespace}/deployments/{name}";

  test("have an operation for each verb", () => {
    expect(Object.entries(apps.paths[path] ?? {}).map(([method, { operationId }]) => [method, operationId])).toEqual([
      ["get", "readAppsV1NamespacedDeployment"],
      ["put", "replaceAppsV1NamespacedDeployment"],
      ["delete", "deleteAppsV1NamespacedDeployment"],
      ["patch", "patchAppsV1NamespacedDeployment"],
      ["parameters", undefined],
    ]);
  });

  test("tell what an operation does to which kind", () => {
    expect(apps.paths[path]?.["patch"]).toMatchObject({
      "x-kubernetes-action": "patch",
      "x-kubernetes-group-version-kind": { group: "apps", version: "v1", kind: "Deployment" },
      requestBody: { content: { "application/strategic-merge-patch+json": {}, "application/apply-patch+yaml": {} } },
    });
  });

  test("allow dry runs where kubectl looks for it", () => {
    const parameters = apps.paths[path]?.["patch"]?.["parameters"] as { name: string }[];
    expect(parameters.map(({ name }) => name)).toEqual(["dryRun", "fieldManager", "fieldValidation", "force"]);
  });

  test("include sub-resources, watches and what is connected to", () => {
    expect(Object.keys(apps.paths)).toEqual(
      expect.arrayContaining([`${path}/scale`, `${path}/status`, "/apis/apps/v1/watch/deployments"]),
    );
    const exec = core.paths["/api/v1/namespaces/{namespace}/pods/{name}/exec"];
    expect(exec?.["get"]).toMatchObject({
      operationId: "connectCoreV1GetNamespacedPodExec",
      "x-kubernetes-action": "connect",
    });
  });

  test("are the same in both versions", () => {
    const inV3 = documentNames(resources).flatMap((name) => Object.keys(v3(name).paths));
    expect(Object.keys(v2.paths).toSorted()).toEqual(inV3.toSorted());
  });
});
