import { beforeEach, describe, expect, it } from "vitest";
import { servedKinds } from "../../api/kinds.ts";
import type { Resource } from "../../api/resource.ts";
import { namespaces, pods } from "../../api/resources.ts";
import { admitWith } from "../../testing/admit.ts";
import { createFixedObjects, type FixedObjects } from "../../testing/fixed-objects.ts";
import type { AdmissionPlugin } from "../admission.ts";
import recorded from "./pod-security/data/pod-security-cases.json" with { type: "json" };
import { createPodSecurity } from "./pod-security.ts";

interface Answer {
  readonly rule: string;
  readonly object: string;
  readonly message?: string;
  readonly warnings?: readonly string[];
}

type Labels = Readonly<Record<string, string>>;

const rules: Readonly<Record<string, Labels>> = recorded.rules;
const given: Readonly<Record<string, { readonly kind: string; readonly apiVersion: string }>> = recorded.objects;
const answers: readonly Answer[] = recorded.answers;
const prefix = "pod-security.kubernetes.io/";

let objects: FixedObjects;
let plugin: AdmissionPlugin;
let warnings: string[];
beforeEach(() => {
  objects = createFixedObjects();
  plugin = createPodSecurity(objects);
  warnings = [];
});

const warn = (message: string): void => void warnings.push(message);
const space = (labels: Labels): void => {
  objects.put(namespaces, { metadata: { name: "ns", labels } });
};
const messageOf = (answer: unknown): string | undefined => (typeof answer === "string" ? answer : undefined);

describe.each(Object.keys(rules))("under %s", (rule) => {
  it.each(answers.filter((answer) => answer.rule === rule))("answers as upstream does: $object", async (answer) => {
    space(rules[rule] ?? {});
    const object = given[answer.object];
    const resource = servedKinds.find(({ kind }) => kind === object?.kind) as Resource;
    const result = await admitWith(plugin, { resource, object: object as never, warn });
    expect({ message: messageOf(result), warnings }).toEqual({
      message: answer.message,
      warnings: answer.warnings ?? [],
    });
  });
});

describe("a pod that is there already", () => {
  const privileged = (image: string) => ({
    spec: { containers: [{ name: "c", image, securityContext: { privileged: true } }] },
  });
  it("is checked only when its containers change", async () => {
    space({ [`${prefix}enforce`]: "baseline" });
    const change = async (image: string, more: object = {}) =>
      messageOf(
        await admitWith(plugin, {
          resource: pods,
          object: { spec: { ...privileged(image).spec, ...more } },
          old: privileged("a"),
        }),
      );
    expect(await change("a")).toBeUndefined();
    expect(await change("b")).toMatch(/violates PodSecurity "baseline:latest": privileged/);
    expect(await change("a", { ephemeralContainers: [{ name: "e", image: "e" }] })).toMatch(/violates PodSecurity/);
  });

  it("can be deleted, looked into and reported on, whatever it does", async () => {
    space({ [`${prefix}enforce`]: "restricted" });
    for (const subresource of ["status", "exec", "eviction", "binding"])
      expect(
        messageOf(
          await admitWith(plugin, { resource: pods, subresource, object: privileged("a"), old: privileged("b") }),
        ),
      ).toBeUndefined();
  });
});

describe("a namespace", () => {
  const change = async (labels: Labels, old?: Labels) =>
    messageOf(
      await admitWith(plugin, {
        resource: namespaces,
        object: { metadata: { name: "ns", labels } },
        ...(old === undefined ? {} : { old: { metadata: { name: "ns", labels: old } } }),
        warn,
      }),
    );

  it("must have labels that can be read, unless they were there before", async () => {
    const labels = { [`${prefix}enforce`]: "x", [`${prefix}audit-version`]: "v1.01", [`${prefix}warn-version`]: "1.2" };
    const message =
      'Namespace "ns" is invalid: [metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "x": must be one of privileged, baseline, restricted, ' +
      'metadata.labels[pod-security.kubernetes.io/audit-version]: Invalid value: "v1.01": must be "latest" or "v1.x", ' +
      'metadata.labels[pod-security.kubernetes.io/warn-version]: Invalid value: "1.2": must be "latest" or "v1.x"]';
    expect(await change(labels)).toBe(message);
    expect(await change(labels, {})).toBe(message);
    expect(await change({ ...labels, other: "x" }, labels)).toBeUndefined();
  });

  it("enforces most strictly what it cannot read", async () => {
    space({ [`${prefix}enforce`]: "x" });
    const pod = { spec: { containers: [{ name: "c", image: "x" }] } };
    expect(messageOf(await admitWith(plugin, { resource: pods, object: pod }))).toMatch(
      /violates PodSecurity "restricted:latest"/,
    );
  });

  it("hears which of its pods break a stricter rule", async () => {
    const owner = { apiVersion: "apps/v1", kind: "ReplicaSet", name: "r", uid: "r", controller: true };
    const pod = (name: string, spec: object) =>
      objects.put(pods, {
        metadata: { name, namespace: "ns", ownerReferences: [owner] },
        spec: { containers: [{ name: "c", image: "x" }], ...spec },
      });
    for (const name of ["d", "b", "c"]) pod(name, { hostNetwork: true });
    pod("a", { hostPID: true, volumes: [{ name: "v", hostPath: { path: "/" } }] });
    pod("e", {});
    await change({ [`${prefix}enforce`]: "baseline" }, { [`${prefix}enforce`]: "privileged" });
    expect(warnings).toEqual([
      'existing pods in namespace "ns" violate the new PodSecurity enforce level "baseline:latest"',
      "a: host namespaces, hostPath volumes",
      "b (and 2 other pods): host namespaces",
    ]);
    warnings = [];
    await change({ [`${prefix}enforce`]: "baseline" }, { [`${prefix}enforce`]: "restricted" });
    expect(warnings).toEqual([]);
  });
});
