import { describe, expect, it } from "vitest";
import type { Input } from "../../api/draft.ts";
import type { Container, Pod } from "../../api/types/core-v1.ts";
import { buildPod } from "../../testing/build-pod.ts";
import { containerSecurity, podNamespaces, sandboxSecurity } from "./security-config.ts";

const podWith = (own: Input<Container["securityContext"]>, spec: Partial<Input<Pod["spec"]>> = {}) =>
  buildPod({
    spec: {
      containers: [{ name: "web", image: "web:1", ...(own === undefined ? {} : { securityContext: own }) }],
      ...spec,
    },
  });
const security = (pod: Pod, image = {}, targetId?: string) =>
  containerSecurity(pod, pod.spec.containers[0] as Container, image, targetId);

const plain = {
  runAsUser: 0,
  supplementalGroups: [],
  privileged: false,
  readOnlyRootFilesystem: false,
  allowPrivilegeEscalation: true,
  capabilities: { add: [], drop: [] },
  seccomp: { type: "Unconfined" },
  namespaces: { network: "pod", pid: "container", ipc: "pod" },
};

describe("containerSecurity", () => {
  it("of a container that says nothing is the runtime's usual", () => {
    expect(security(podWith(undefined))).toEqual({
      ...plain,
      maskedPaths: expect.arrayContaining(["/proc/kcore", "/sys/firmware"]),
      readonlyPaths: ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"],
    });
  });

  it("takes the container's word before the pod's, and the pod's before the image's", () => {
    const ofPod = {
      runAsUser: 1000,
      runAsGroup: 3000,
      fsGroup: 2000,
      supplementalGroups: [4000],
      supplementalGroupsPolicy: "Strict",
      seccompProfile: { type: "RuntimeDefault" },
      appArmorProfile: { type: "Unconfined" },
    } as const;
    const own = {
      runAsUser: 2000,
      privileged: true,
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { add: ["NET_ADMIN"], drop: ["ALL"] },
      seccompProfile: { type: "Localhost", localhostProfile: "my.json" },
      procMount: "Unmasked",
    } as const;
    expect(security(podWith(own, { securityContext: ofPod }), { uid: 7 })).toEqual({
      runAsUser: 2000,
      runAsGroup: 3000,
      supplementalGroups: [2000, 4000],
      supplementalGroupsPolicy: "Strict",
      privileged: true,
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { add: ["NET_ADMIN"], drop: ["ALL"] },
      seccomp: { type: "Localhost", localhostProfile: "my.json" },
      appArmor: { type: "Unconfined" },
      namespaces: plain.namespaces,
      maskedPaths: [],
      readonlyPaths: [],
    });
    expect(security(podWith(undefined, { securityContext: ofPod }), { uid: 7 }).runAsUser).toBe(1000);
    expect(security(podWith(undefined), { uid: 7 }).runAsUser).toBe(7);
    expect(security(podWith(undefined), { username: "nobody" })).toMatchObject({ runAsUsername: "nobody" });
  });

  const nonRoot = { runAsNonRoot: true };
  it.each([
    {
      name: "an image without a user",
      own: nonRoot,
      image: {},
      message: "container has runAsNonRoot and image will run as root",
    },
    {
      name: "an image that runs as root",
      own: nonRoot,
      image: { uid: 0 },
      message: "container has runAsNonRoot and image will run as root",
    },
    {
      name: "an image whose user is a name",
      own: nonRoot,
      image: { username: "app" },
      message: "container has runAsNonRoot and image has non-numeric user (app), cannot verify user is non-root",
    },
    {
      name: "a user that is root",
      own: { ...nonRoot, runAsUser: 0 },
      image: { uid: 7 },
      message: "container's runAsUser breaks non-root policy",
    },
  ])("refuses $name where root is not allowed", ({ own, image, message }) => {
    expect(() => security(podWith(own), image)).toThrow(`${message} (pod: "web_default(uid-1)", container: web)`);
  });

  it("lets others run where root is not allowed", () => {
    expect(security(podWith(nonRoot), { uid: 7 }).runAsUser).toBe(7);
    expect(security(podWith({ ...nonRoot, runAsUser: 5 })).runAsUser).toBe(5);
    expect(security(podWith({ runAsNonRoot: false }, { securityContext: nonRoot })).runAsUser).toBe(0);
  });

  it("of an ephemeral container sees the processes of the one that it looks into", () => {
    expect(security(podWith(undefined), {}, "web-1").namespaces).toEqual({
      network: "pod",
      pid: "target",
      pidTargetId: "web-1",
      ipc: "pod",
    });
    const shared = podWith(undefined, { shareProcessNamespace: true });
    expect(security(shared, {}, "web-1").namespaces.pid).toBe("pod");
  });
});

describe("sandboxes", () => {
  it("share with the node what the pod asks for", () => {
    const pod = podWith(undefined, { hostNetwork: true, hostPID: true, hostIPC: true });
    expect(podNamespaces(pod)).toEqual({ network: "node", pid: "node", ipc: "node" });
  });

  it("are privileged when a container is, and run under the runtime's profile", () => {
    const pod = podWith(undefined, { securityContext: { runAsUser: 5, fsGroup: 6 } });
    expect(sandboxSecurity(pod, true)).toMatchObject({
      runAsUser: 5,
      supplementalGroups: [6],
      privileged: true,
      seccomp: { type: "RuntimeDefault" },
    });
  });
});
