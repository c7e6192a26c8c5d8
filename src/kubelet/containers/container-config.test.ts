import { describe, expect, it } from "vitest";
import type { Input } from "../../api/draft.ts";
import type { Container, VolumeMount } from "../../api/types/core-v1.ts";
import { buildPod } from "../../testing/build-pod.ts";
import { planMounts } from "./container-config.ts";
import { renderSandboxConfig } from "./sandbox-config.ts";

const plan = (mount: Input<VolumeMount>, supportsRecursive = true) => {
  const pod = buildPod({
    spec: {
      containers: [{ name: "web", image: "web:1", volumeMounts: [mount] }],
      volumes: [
        { name: "data", emptyDir: {} },
        { name: "settings", configMap: { name: "settings" } },
      ],
    },
  });
  const environment = new Map([
    ["POD", "web"],
    ["EMPTY", ""],
  ]);
  return planMounts(pod, pod.spec.containers[0] as Container, environment, supportsRecursive)[0];
};

describe("planMounts", () => {
  it.each([
    {
      name: "a volume",
      mount: { name: "data", mountPath: "/data" },
      planned: { subPath: "", mount: { containerPath: "/data", readOnly: false, propagation: "private" } },
    },
    {
      name: "a relative path is one from the root",
      mount: { name: "data", mountPath: "data" },
      planned: { mount: { containerPath: "/data" } },
    },
    {
      name: "a volume that the agent fills cannot be written to",
      mount: { name: "settings", mountPath: "/etc/settings", mountPropagation: "HostToContainer" },
      planned: { mount: { readOnly: true, propagation: "hostToContainer" } },
    },
    {
      name: "a path within, from the environment",
      mount: { name: "data", mountPath: "/data", subPathExpr: "of/$(POD)" },
      planned: { subPath: "of/web" },
    },
    {
      name: "read-only with all below",
      mount: { name: "data", mountPath: "/data", readOnly: true, recursiveReadOnly: "Enabled" },
      planned: { mount: { readOnly: true, recursiveReadOnly: true } },
    },
  ] as const)("$name", ({ mount, planned }) => {
    expect(plan(mount)).toMatchObject(planned);
  });

  it("makes what is below read-only only where the runtime can", () => {
    const mount = { name: "data", mountPath: "/data", readOnly: true, recursiveReadOnly: "IfPossible" } as const;
    expect(plan(mount, false)?.mount.recursiveReadOnly).toBeUndefined();
    expect(() => plan({ ...mount, recursiveReadOnly: "Enabled" }, false)).toThrow(
      'failed to resolve recursive read-only mode: volume "data" requested recursive read-only mode, but it is not supported by the runtime',
    );
  });

  it.each([
    [{ subPath: "/abs" }, "error SubPath `/abs` must not be an absolute path"],
    [{ subPath: "a/../../b" }, "unable to provision SubPath `a/../../b`: must not contain '..'"],
    [{ subPathExpr: "$(NONE)/$(EMPTY)" }, "missing value for EMPTY, NONE"],
  ])("refuses %j", (changes, message) => {
    expect(() => plan({ name: "data", mountPath: "/data", ...changes })).toThrow(message);
  });
});

describe("renderSandboxConfig", () => {
  const settings = {
    attempt: 1,
    clusterDomain: "cluster.local",
    dns: { servers: [], searches: [], options: [] },
    logRoot: "/logs",
    runtimeHandler: "",
  };

  it("maps the ports that are to be reached on the node, each once", () => {
    const pod = buildPod({
      metadata: { labels: { app: "web" } },
      spec: {
        containers: [
          {
            name: "web",
            image: "web:1",
            securityContext: { privileged: true },
            ports: [
              { containerPort: 80, hostPort: 8080 },
              { containerPort: 81 },
              { name: "dns", containerPort: 53, hostPort: 53, protocol: "UDP", hostIP: "192.0.2.1" },
            ],
          },
        ],
        securityContext: { sysctls: [{ name: "net/ipv4/ip_local_port_range", value: "1024 65535" }] },
      },
    });
    const config = renderSandboxConfig(pod, settings);
    expect(config).toMatchObject({
      name: "web",
      attempt: 1,
      hostname: "web",
      logDirectory: "/logs/default_web_uid-1",
      portMappings: [
        { protocol: "TCP", containerPort: 80, hostPort: 8080, hostIp: "" },
        { protocol: "UDP", containerPort: 53, hostPort: 53, hostIp: "192.0.2.1" },
      ],
      labels: { app: "web", "io.kubernetes.pod.uid": "uid-1" },
      security: { privileged: true },
      sysctls: { "net.ipv4.ip_local_port_range": "1024 65535" },
    });
    expect(renderSandboxConfig(buildPod(), settings).security.privileged).toBe(false);
    const onNode = renderSandboxConfig({ ...pod, spec: { ...pod.spec, hostNetwork: true } }, settings);
    expect([onNode.portMappings, onNode.hostname]).toEqual([[], ""]);
  });
});
