import { describe, expect, it } from "vitest";
import { buildPod } from "../../testing/build-pod.ts";
import { resourceFieldValue } from "./resource-values.ts";

const pod = buildPod({
  spec: {
    containers: [
      {
        name: "web",
        image: "web:1",
        resources: { requests: { cpu: "250m", memory: "100Mi" }, limits: { cpu: "1500m", memory: "1Gi" } },
      },
      { name: "free", image: "web:1" },
    ],
  },
});
const allocatable = { cpu: "4", memory: "8Gi", "ephemeral-storage": "90Gi" };
const [web, free] = pod.spec.containers;

describe("resourceFieldValue", () => {
  it.each([
    { name: "cpu is rounded up to whole ones", container: web, resource: "limits.cpu", value: "2" },
    { name: "thousandths", container: web, resource: "limits.cpu", divisor: "1m", value: "1500" },
    { name: "a request", container: web, resource: "requests.cpu", divisor: "1m", value: "250" },
    { name: "bytes", container: web, resource: "requests.memory", value: "104857600" },
    { name: "mebibytes", container: web, resource: "limits.memory", divisor: "1Mi", value: "1024" },
    {
      name: "a share of a gibibyte counts whole",
      container: web,
      resource: "requests.memory",
      divisor: "1Gi",
      value: "1",
    },
    { name: "no limit: what the node has", container: free, resource: "limits.cpu", value: "4" },
    {
      name: "no memory limit: what the node has",
      container: free,
      resource: "limits.memory",
      divisor: "1Gi",
      value: "8",
    },
    {
      name: "no limit of storage: what the node has",
      container: free,
      resource: "limits.ephemeral-storage",
      divisor: "1Gi",
      value: "90",
    },
    { name: "no request: nothing", container: free, resource: "requests.memory", value: "0" },
    { name: "no huge pages: none", container: free, resource: "limits.hugepages-2Mi", value: "0" },
    {
      name: "another container",
      container: free,
      containerName: "web",
      resource: "requests.memory",
      divisor: "1Mi",
      value: "100",
    },
  ])("$name", ({ container, containerName, resource, divisor = "0", value }) => {
    const selector = { resource, divisor, ...(containerName === undefined ? {} : { containerName }) };
    expect(resourceFieldValue(pod, container, selector, allocatable)).toBe(value);
  });

  it("has the pod's own limit where the container has none", () => {
    const limited = buildPod({
      spec: { containers: [{ name: "web", image: "web:1" }], resources: { limits: { cpu: "3" } } },
    });
    const selector = { resource: "limits.cpu", divisor: "0" };
    expect(resourceFieldValue(limited, limited.spec.containers[0], selector, allocatable)).toBe("3");
  });

  it.each([
    [{ resource: "limits.example.com/gpu", divisor: "0" }, "unsupported container resource : limits.example.com/gpu"],
    [{ resource: "limits.cpu", divisor: "0", containerName: "no" }, "container no not found"],
  ])("refuses what it cannot tell: %j", (selector, message) => {
    expect(() => resourceFieldValue(pod, web, selector, allocatable)).toThrow(message);
  });
});
