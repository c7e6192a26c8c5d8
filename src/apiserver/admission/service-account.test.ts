import { describe, expect, it } from "vitest";
import type { Input } from "../../api/draft.ts";
import { pods, serviceAccounts } from "../../api/resources.ts";
import { createSchemaRegistry } from "../../api/schema.ts";
import type { Pod } from "../../api/types/core-v1.ts";
import { createSeededRandom } from "../../base/random.ts";
import { createVirtualClock } from "../../base/virtual-clock.ts";
import { admitWith } from "../../testing/admit.ts";
import { createFixedObjects } from "../../testing/fixed-objects.ts";
import { createFieldOrder } from "./field-order.ts";
import { createServiceAccountAdmission } from "./service-account.ts";

const clock = createVirtualClock();
const objects = createFixedObjects();
const order = createFieldOrder(createSchemaRegistry());
const plugin = createServiceAccountAdmission({ objects, order, clock, random: createSeededRandom(1) });
const account = (name: string, more: object = {}, metadata: object = {}): unknown =>
  objects.put(serviceAccounts, { metadata: { namespace: "ns", name, ...metadata }, ...more });
account("default", { imagePullSecrets: [{ name: "registry" }] });
account("quiet", { automountServiceAccountToken: false });
account(
  "strict",
  { secrets: [{ name: "mine" }], imagePullSecrets: [{ name: "pull" }] },
  { annotations: { "kubernetes.io/enforce-mountable-secrets": "true" } },
);

const container = { name: "c", image: "i" };
const pod = (spec: Input<Pod["spec"]>, metadata: Input<Pod["metadata"]> = {}) => ({
  resource: pods,
  object: { metadata, spec: { containers: [container], ...spec } },
});
const mountsOf = (answer: Pod | string): unknown =>
  typeof answer === "string"
    ? answer
    : {
        volumes: (answer.spec.volumes ?? []).map((volume) => volume.name.replace(/-.{5}$/, "-*")),
        mounts: [...(answer.spec.initContainers ?? []), ...answer.spec.containers].map((one) =>
          (one.volumeMounts ?? []).map((mount) => mount.mountPath),
        ),
      };
const tokenPath = "/var/run/secrets/kubernetes.io/serviceaccount";

describe("ServiceAccount admission", () => {
  it("gives a pod the default account, its token and its pull secrets, in written order", async () => {
    const admitted = (await admitWith(plugin, pod({ tolerations: [{ key: "a" }] }))) as Pod;
    const volume = admitted.spec.volumes?.[0];
    expect({ ...admitted.spec, fields: Object.keys(admitted.spec) }).toMatchObject({
      serviceAccountName: "default",
      serviceAccount: "default",
      imagePullSecrets: [{ name: "registry" }],
      volumes: [
        {
          name: expect.stringMatching(/^kube-api-access-[a-z0-9]{5}$/),
          projected: {
            sources: [
              { serviceAccountToken: { expirationSeconds: 3607, path: "token" } },
              { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
              {
                downwardAPI: {
                  items: [{ path: "namespace", fieldRef: { apiVersion: "v1", fieldPath: "metadata.namespace" } }],
                },
              },
            ],
            defaultMode: 420,
          },
        },
      ],
      containers: [{ volumeMounts: [{ name: volume?.name, readOnly: true, mountPath: tokenPath }] }],
    });
    const fields = Object.keys(admitted.spec);
    const position = (name: string): number => fields.indexOf(name);
    expect(position("volumes")).toBeLessThan(position("containers"));
    expect(position("serviceAccountName")).toBeLessThan(position("tolerations"));
  });

  it.each([
    {
      name: "init containers too",
      spec: { initContainers: [{ name: "i", image: "i" }] },
      result: { volumes: ["kube-api-access-*"], mounts: [[tokenPath], [tokenPath]] },
    },
    {
      name: "not when the pod says no",
      spec: { automountServiceAccountToken: false },
      result: { volumes: [], mounts: [[]] },
    },
    {
      name: "not when the account says no",
      spec: { serviceAccountName: "quiet" },
      result: { volumes: [], mounts: [[]] },
    },
    {
      name: "when the pod says yes and the account no",
      spec: { serviceAccountName: "quiet", automountServiceAccountToken: true },
      result: { volumes: ["kube-api-access-*"], mounts: [[tokenPath]] },
    },
    {
      name: "not over a mount of the user's own",
      spec: {
        volumes: [{ name: "own", emptyDir: {} }],
        containers: [{ ...container, volumeMounts: [{ name: "own", mountPath: tokenPath }] }],
      },
      result: { volumes: ["own"], mounts: [[tokenPath]] },
    },
    {
      name: "from a volume that is there already",
      spec: { volumes: [{ name: "kube-api-access-abcde", emptyDir: {} }] },
      result: { volumes: ["kube-api-access-*"], mounts: [[tokenPath]] },
    },
  ])("mounts the token: $name", async ({ spec, result }) => {
    expect(mountsOf(await admitWith(plugin, pod(spec)))).toEqual(result);
  });

  it.each([
    {
      name: "an account that is not there",
      write: pod({ serviceAccountName: "zz" }),
      why: 'error looking up service account ns/zz: serviceaccount "zz" not found',
    },
    {
      name: "a mirror pod with an account",
      write: pod({ serviceAccountName: "default" }, { annotations: { "kubernetes.io/config.mirror": "" } }),
      why: "a mirror pod may not reference service accounts",
    },
    {
      name: "a mirror pod with a secret",
      write: pod(
        { volumes: [{ name: "s", secret: { secretName: "s" } }] },
        { annotations: { "kubernetes.io/config.mirror": "" } },
      ),
      why: "a mirror pod may not reference secrets",
    },
    {
      name: "a secret that a strict account does not list",
      write: pod({ serviceAccountName: "strict", volumes: [{ name: "s", secret: { secretName: "s" } }] }),
      why: 'volume with secret.secretName="s" is not allowed because service account strict does not reference that secret',
    },
    {
      name: "a variable from a secret that a strict account does not list",
      write: pod({
        serviceAccountName: "strict",
        containers: [{ ...container, env: [{ name: "A", valueFrom: { secretKeyRef: { name: "s", key: "k" } } }] }],
      }),
      why: 'container c with envVar A referencing secret.secretName="s" is not allowed because service account strict does not reference that secret',
    },
    {
      name: "a pull secret that a strict account does not list",
      write: pod({ serviceAccountName: "strict", imagePullSecrets: [{ name: "p" }] }),
      why: 'imagePullSecrets[0].name="p" is not allowed because service account strict does not reference that imagePullSecret',
    },
  ])("refuses $name", async ({ write, why }) => {
    expect(await admitWith(plugin, write)).toBe(`pods "x" is forbidden: ${why}`);
  });

  it("lets a strict account's pod use what is listed", async () => {
    const volumes = [{ name: "s", secret: { secretName: "mine" } }];
    expect(typeof (await admitWith(plugin, pod({ serviceAccountName: "strict", volumes })))).toBe("object");
  });

  it("leaves mirror pods as they are", async () => {
    const write = pod({}, { annotations: { "kubernetes.io/config.mirror": "" } });
    expect(mountsOf(await admitWith(plugin, write))).toEqual({ volumes: [], mounts: [[]] });
  });

  it("waits for the default account of a new namespace, but not for ever", async () => {
    const write = { resource: pods, object: { metadata: { namespace: "new" }, spec: { containers: [container] } } };
    const waiting = admitWith(plugin, write);
    await clock.advance(1_000);
    objects.put(serviceAccounts, { metadata: { namespace: "new", name: "default" } });
    await clock.advance(25);
    const found = await waiting;
    objects.remove(serviceAccounts, "new/default");
    const inVain = admitWith(plugin, write);
    await clock.advance(1_500);
    expect([typeof found, await inVain]).toEqual([
      "object",
      'pods "x" is forbidden: error looking up service account new/default: serviceaccount "default" not found',
    ]);
  });
});
