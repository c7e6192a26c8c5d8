import { Buffer } from "node:buffer";
import { afterEach, describe, expect, it } from "vitest";
import type { Input } from "../api/draft.ts";
import { configMaps, pods, secrets, services } from "../api/resources.ts";
import type { Container, PodStatus } from "../api/types/core-v1.ts";
import { type KubeletHarness, type KubeletHarnessOptions, startKubeletHarness } from "../testing/kubelet-harness.ts";

let harness: KubeletHarness;
afterEach(() => harness.stop());

async function start(options?: KubeletHarnessOptions): Promise<KubeletHarness> {
  harness = await startKubeletHarness(options);
  return harness;
}

const key = { namespace: "default", name: "web" };
const web = { name: "web", image: "web:1" };
const withWeb = (container: Partial<Input<Container>>) => ({ spec: { containers: [{ ...web, ...container }] } });
const startsOf = (node: KubeletHarness) =>
  node.runtime.calls.filter((call) => call.startsWith("startContainer ")).map((call) => call.split(" ")[1]);
const conditionOf = (status: PodStatus, type: string) =>
  status.conditions?.find((condition) => condition.type === type);
const waiting = async (node: KubeletHarness) => (await node.pod()).status.containerStatuses?.[0]?.state.waiting;

describe("init containers", () => {
  const spec = {
    initContainers: [
      { name: "one", image: "web:1" },
      { name: "two", image: "web:1" },
    ],
    containers: [web],
  };

  it("run one after another before the others", async () => {
    const node = await start({ script: ({ name }) => (name === "web" ? {} : { runsForMs: 3_000 }) });
    await node.createPod({ spec });
    await node.run(4_500);
    const { status } = await node.pod();
    expect(status.phase).toBe("Pending");
    expect(conditionOf(status, "Initialized")).toMatchObject({
      status: "False",
      reason: "ContainersNotInitialized",
      message: "containers with incomplete status: [two]",
    });
    expect(status.initContainerStatuses?.map(({ name, ready, started }) => [name, ready, started])).toEqual([
      ["one", true, false],
      ["two", false, true],
    ]);
    expect(status.containerStatuses?.[0]?.state.waiting).toEqual({ reason: "PodInitializing" });
    await node.run(2_000);
    const after = (await node.pod()).status;
    expect(after.phase).toBe("Running");
    expect(conditionOf(after, "Initialized")?.status).toBe("True");
    expect(startsOf(node)).toEqual(["one", "two", "web"]);
    expect(node.log).toEqual([]);
  });

  it("that crash are restarted with ever longer pauses, and nothing behind them starts", async () => {
    const node = await start({ script: ({ name }) => (name === "one" ? { runsForMs: 100, exitCode: 2 } : {}) });
    await node.createPod({ spec });
    const { uid } = (await node.pod()).metadata;
    await node.run(2_000);
    const { status } = await node.pod();
    expect(status.initContainerStatuses?.[0]).toMatchObject({
      restartCount: 1,
      state: {
        waiting: {
          reason: "CrashLoopBackOff",
          message: `back-off 10s restarting failed container=one pod=web_default(${uid})`,
        },
      },
    });
    await node.run(30_000);
    expect(new Set(startsOf(node))).toEqual(new Set(["one"]));
    expect(startsOf(node)).toHaveLength(4);
  });

  it("that fail end a pod that never restarts", async () => {
    const node = await start({ script: ({ name }) => (name === "one" ? { runsForMs: 100, exitCode: 2 } : {}) });
    await node.createPod({ spec: { ...spec, restartPolicy: "Never" } });
    await node.run(2_000);
    const { status } = await node.pod();
    expect(status.phase).toBe("Failed");
    expect(startsOf(node)).toEqual(["one"]);
  });

  it("take part in one write when all are quick", async () => {
    const node = await start({ script: ({ name }) => (name === "web" ? {} : { runsForMs: 0 }) });
    await node.createPod({ spec });
    await node.run(1_500);
    expect((await node.pod()).status.phase).toBe("Running");
    expect(node.statusWrites).toEqual(["web"]);
  });

  it("run again in a new sandbox", async () => {
    const node = await start({ script: ({ name }) => (name === "web" ? {} : { runsForMs: 10 }) });
    await node.createPod({ spec });
    await node.run(30_000);
    node.runtime.killSandbox(node.runtime.container("web").sandboxId);
    await node.run(5_000);
    expect(startsOf(node)).toEqual(["one", "two", "web", "one", "two", "web"]);
    expect((await node.pod()).status.phase).toBe("Running");
    expect(node.log).toEqual([]);
  });
});

describe("sidecars", () => {
  const probed = { httpGet: { port: 80 }, periodSeconds: 1, failureThreshold: 60 };
  const spec = {
    initContainers: [{ name: "proxy", image: "web:1", restartPolicy: "Always", startupProbe: probed }],
    containers: [web],
  };

  it("hold back the others until they have started", async () => {
    const node = await start();
    node.prober.answer = () => ({ result: "failure", output: "not yet" });
    await node.createPod({ spec });
    await node.run(5_000);
    expect(startsOf(node)).toEqual(["proxy"]);
    expect((await node.pod()).status.initContainerStatuses?.[0]).toMatchObject({ started: false, ready: false });
    node.prober.answer = () => ({ result: "success", output: "" });
    await node.run(1_500);
    expect(startsOf(node)).toEqual(["proxy", "web"]);
    expect((await node.pod()).status.initContainerStatuses?.[0]).toMatchObject({ started: true, ready: true });
    expect((await node.pod()).status.phase).toBe("Running");
  });

  it("are restarted whatever the pod's policy, and end with its work", async () => {
    const node = await start({ script: ({ name }) => (name === "web" ? { runsForMs: 20_000 } : {}) });
    await node.createPod({ spec: { ...spec, restartPolicy: "Never" } });
    await node.run(5_000);
    node.runtime.exit("proxy", 1);
    await node.run(1_000);
    expect(startsOf(node)).toEqual(["proxy", "web", "proxy"]);
    expect((await node.pod()).status.initContainerStatuses?.[0]?.restartCount).toBe(1);
    await node.run(20_000);
    const { status } = await node.pod();
    expect(status.phase).toBe("Succeeded");
    expect(status.initContainerStatuses?.[0]?.state.terminated).toBeDefined();
    expect(node.log).toEqual([]);
  });
});

describe("hooks", () => {
  it("of a start run in the container, and nothing behind it starts meanwhile", async () => {
    const commands: string[] = [];
    const node = await start({
      exec: (_, command) => {
        commands.push(command.join(" "));
        return { takesMs: 3_000 };
      },
    });
    await node.createPod({
      spec: {
        containers: [
          { ...web, lifecycle: { postStart: { exec: { command: ["warm", "up"] } } } },
          { name: "next", image: "web:1" },
        ],
      },
    });
    await node.run(2_000);
    expect(startsOf(node)).toEqual(["web"]);
    await node.run(2_000);
    expect(startsOf(node)).toEqual(["web", "next"]);
    expect(commands).toEqual(["warm up"]);
  });

  it("of a start that fail have the container stopped and started again", async () => {
    const node = await start({ exec: () => ({ exitCode: 7, stdout: "out", stderr: "no\n" }) });
    await node.createPod(withWeb({ lifecycle: { postStart: { exec: { command: ["warm", "up"] } } } }));
    const { uid } = (await node.pod()).metadata;
    await node.run(500);
    const events = await node.eventsOf();
    expect(events.slice(0, 5)).toEqual([
      'Normal Pulled: Container image "web:1" already present on machine and can be accessed by the pod (x2)',
      "Normal Created: Container created (x2)",
      "Normal Started: Container started (x2)",
      "Warning FailedPostStartHook: PostStartHook failed (x2)",
      "Normal Killing: FailedPostStartHook (x2)",
    ]);
    await node.run(1_500);
    expect(await waiting(node)).toEqual({
      reason: "CrashLoopBackOff",
      message: `back-off 10s restarting failed container=web pod=web_default(${uid})`,
    });
  });

  it("over HTTP ask the pod", async () => {
    const node = await start();
    await node.createPod(withWeb({ lifecycle: { postStart: { httpGet: { path: "/warm", port: 8080 } } } }));
    await node.run(0);
    expect(node.prober.requests).toMatchObject([
      { host: "10.1.0.2", port: 8080, path: "/warm", headers: [{ value: "kube-lifecycle/1.36" }, { value: "*/*" }] },
    ]);
  });
});

describe("a container's environment", () => {
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  const envOf = (node: KubeletHarness) =>
    Object.fromEntries(
      node.runtime.configOf(node.runtime.container("web").id).env.map(({ name, value }) => [name, value]),
    );

  it("holds values, fields, resources, keys and services, and is expanded", async () => {
    const node = await start();
    const inDefault = (name: string) => ({ metadata: { name, namespace: "default" } });
    await node.client.create(configMaps, { ...inDefault("settings"), data: { color: "red", "not-a-name": "1" } });
    await node.client.create(secrets, { ...inDefault("keys"), data: { password: base64("s3cret") } });
    await node.client.create(services, {
      ...inDefault("my-db"),
      spec: { ports: [{ name: "sql", port: 5432 }], clusterIP: "10.96.0.77" },
    });
    await node.run(0);
    await node.createPod(
      withWeb({
        command: ["run", "--name=$(NAME)", "$$(NAME)", "$(NOWHERE)"],
        args: ["$(ADDRESS)"],
        resources: { limits: { cpu: "1500m" } },
        envFrom: [
          { prefix: "S_", configMapRef: { name: "settings" } },
          { secretRef: { name: "none", optional: true } },
        ],
        env: [
          { name: "NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
          { name: "ADDRESS", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
          { name: "GREETING", value: "hello $(NAME)" },
          { name: "CPUS", valueFrom: { resourceFieldRef: { resource: "limits.cpu" } } },
          { name: "PASSWORD", valueFrom: { secretKeyRef: { name: "keys", key: "password" } } },
          { name: "NONE", valueFrom: { configMapKeyRef: { name: "settings", key: "none", optional: true } } },
        ],
      }),
    );
    await node.run(0);
    expect(envOf(node)).toEqual({
      S_color: "red",
      "S_not-a-name": "1",
      NAME: "web",
      ADDRESS: "10.1.0.2",
      GREETING: "hello web",
      CPUS: "2",
      PASSWORD: "s3cret",
      MY_DB_SERVICE_HOST: "10.96.0.77",
      MY_DB_SERVICE_PORT: "5432",
      MY_DB_SERVICE_PORT_SQL: "5432",
      MY_DB_PORT: "tcp://10.96.0.77:5432",
      MY_DB_PORT_5432_TCP: "tcp://10.96.0.77:5432",
      MY_DB_PORT_5432_TCP_PROTO: "tcp",
      MY_DB_PORT_5432_TCP_PORT: "5432",
      MY_DB_PORT_5432_TCP_ADDR: "10.96.0.77",
    });
    const { command, args } = node.runtime.configOf(node.runtime.container("web").id);
    expect([command, args]).toEqual([["run", "--name=web", "$(NAME)", "$(NOWHERE)"], ["10.1.0.2"]]);
  });

  it.each([
    {
      name: "a ConfigMap that does not exist",
      env: { configMapKeyRef: { name: "settings", key: "color" } },
      message: 'configmap "settings" not found',
    },
    {
      name: "a key that a Secret does not have",
      env: { secretKeyRef: { name: "keys", key: "user" } },
      message: "couldn't find key user in Secret default/keys",
    },
  ])("that needs $name is a fault of its configuration until it is there", async ({ env, message }) => {
    const node = await start();
    const keys = { metadata: { name: "keys", namespace: "default" }, data: { password: base64("s3cret") } };
    await node.client.create(secrets, keys);
    await node.createPod(withWeb({ env: [{ name: "COLOR", valueFrom: env }] }));
    await node.run(1_000);
    expect(await waiting(node)).toEqual({ reason: "CreateContainerConfigError", message });
    expect(await node.eventsOf()).toContain(`Warning Failed: Error: ${message}`);
    const settings = { metadata: { name: "settings", namespace: "default" }, data: { color: "red" } };
    await node.client.create(configMaps, settings);
    const patch = { data: { user: base64("jane") } };
    await node.client.patch(secrets, { namespace: "default", name: "keys" }, "merge", patch);
    await node.run(100);
    expect((await node.pod()).status.phase).toBe("Running");
  });
});

describe("a container that cannot be started", () => {
  it.each([
    {
      name: "its image runs as root though it must not",
      prepare: () => undefined,
      pod: withWeb({ securityContext: { runAsNonRoot: true } }),
      reason: "CreateContainerConfigError",
      message: /^container has runAsNonRoot and image will run as root \(pod: "web_default\(.*\)", container: web\)$/,
    },
    {
      name: "the runtime refuses to make it",
      prepare: (node: KubeletHarness) => {
        node.runtime.faults.createContainer = () => {
          throw new Error("no such device");
        };
      },
      pod: withWeb({}),
      reason: "CreateContainerError",
      message: /^no such device$/,
    },
    {
      name: "its command does not exist",
      prepare: (node: KubeletHarness) => {
        node.runtime.faults.startContainer = ({ id }) => {
          throw new Error(`failed to start ${id}: exec: "nope": not found`);
        };
      },
      pod: withWeb({ command: ["nope"] }),
      reason: "RunContainerError",
      message: /^failed to start web-2: exec: "nope": not found$/,
    },
  ])("says why: $name", async ({ prepare, pod, reason, message }) => {
    const node = await start();
    prepare(node);
    await node.createPod(pod);
    await node.run(1_000);
    expect(await waiting(node)).toMatchObject({ reason, message: expect.stringMatching(message) });
    const shown = message.source.slice(1, -1).replace("web-2", "web");
    expect(await node.eventsOf()).toContainEqual(expect.stringMatching(new RegExp(`^Warning Failed: Error: ${shown}`)));
    node.runtime.faults.createContainer = () => undefined;
    node.runtime.faults.startContainer = () => undefined;
    expect(node.log).toEqual([]);
  });

  it("is tried again after ten seconds", async () => {
    const node = await start();
    node.runtime.faults.createContainer = () => {
      throw new Error("no such device");
    };
    await node.createPod();
    await node.run(9_000);
    delete node.runtime.faults.createContainer;
    await node.run(1_500);
    expect((await node.pod()).status.phase).toBe("Running");
  });
});

describe("an ephemeral container", () => {
  it("is added to a running pod, once", async () => {
    const node = await start({ script: ({ name }) => (name === "shell" ? { runsForMs: 5_000, exitCode: 1 } : {}) });
    await node.createPod();
    await node.run(10_000);
    const patch = {
      spec: { ephemeralContainers: [{ name: "shell", image: "web:2", targetContainerName: "web", stdin: true }] },
    };
    await node.client.patch(pods, key, "strategic", patch, { subresource: "ephemeralcontainers" });
    await node.run(2_000);
    const { id, labels } = node.runtime.container("shell");
    expect(labels).toMatchObject({ "io.kubernetes.container.name": "shell" });
    expect(node.runtime.configOf(id)).toMatchObject({
      stdin: true,
      security: { namespaces: { pid: "target", pidTargetId: node.runtime.container("web").id } },
    });
    const { status } = await node.pod();
    expect(status.ephemeralContainerStatuses?.[0]).toMatchObject({ name: "shell", state: { running: {} } });
    await node.run(60_000);
    const after = (await node.pod()).status;
    expect(after.ephemeralContainerStatuses?.[0]?.state.terminated?.exitCode).toBe(1);
    expect(after.phase).toBe("Running");
    expect(startsOf(node)).toEqual(["web", "shell"]);
  });
});

describe("containers that end", () => {
  it("leave one dead attempt behind", async () => {
    const node = await start({ script: () => ({ runsForMs: 100, exitCode: 1 }) });
    await node.createPod();
    await node.run(200_000);
    expect((await node.runtime.listContainers()).map(({ attempt }) => attempt)).toEqual([5]);
  });

  it("restart all others when a rule says so", async () => {
    const node = await start();
    const restartPolicyRules = [
      { action: "RestartAllContainers", exitCodes: { operator: "In", values: [88] } },
    ] as const;
    await node.createPod({
      spec: {
        restartPolicy: "Never",
        containers: [
          { ...web, restartPolicy: "Never", restartPolicyRules: [...restartPolicyRules] },
          { name: "other", image: "web:1" },
        ],
      },
    });
    await node.run(10_000);
    node.runtime.exit("web", 88);
    await node.run(2_000);
    const { status } = await node.pod();
    expect(status.containerStatuses?.map(({ name, restartCount, ready }) => [name, restartCount, ready])).toEqual([
      ["other", 1, true],
      ["web", 1, true],
    ]);
    expect(startsOf(node)).toEqual(["web", "other", "web", "other"]);
    expect(status.phase).toBe("Running");
    expect(node.log).toEqual([]);
  });
});

describe("readiness gates", () => {
  it("count only when their conditions are true", async () => {
    const node = await start();
    await node.createPod({ spec: { containers: [web], readinessGates: [{ conditionType: "example.com/ok" }] } });
    await node.run(1_500);
    const { status } = await node.pod();
    expect(conditionOf(status, "ContainersReady")?.status).toBe("True");
    expect(conditionOf(status, "Ready")).toMatchObject({
      status: "False",
      reason: "ReadinessGatesNotReady",
      message: 'corresponding condition of pod readiness gate "example.com/ok" does not exist.',
    });
    const patch = { status: { conditions: [{ type: "example.com/ok", status: "True" }] } };
    await node.client.patch(pods, key, "strategic", patch, { subresource: "status" });
    await node.run(1_500);
    const after = (await node.pod()).status;
    expect(conditionOf(after, "Ready")?.status).toBe("True");
    expect(conditionOf(after, "example.com/ok")?.status).toBe("True");
  });
});
