import { describe, expect, it } from "vitest";
import type { Input } from "../../api/draft.ts";
import type { Pod } from "../../api/types/core-v1.ts";
import { buildContainer, buildSandbox } from "../../testing/build-observed.ts";
import { buildPod } from "../../testing/build-pod.ts";
import type { ContainerState } from "../runtime.ts";
import type { ObservedPod } from "./observed-pod.ts";
import { planPodActions } from "./plan-pod-actions.ts";
import type { PodPlan, PodPlanContext, ProbeVerdict } from "./pod-plan.ts";

type Verdicts = Partial<Record<"liveness" | "startup" | "readiness", Record<string, ProbeVerdict>>>;

function contextWith(verdicts: Verdicts = {}, overrides: Partial<PodPlanContext> = {}): PodPlanContext {
  return {
    probes: {
      liveness: (id) => verdicts.liveness?.[id],
      startup: (id) => verdicts.startup?.[id],
      readiness: (id) => verdicts.readiness?.[id],
    },
    restartAllContainers: false,
    resizeAction: () => "none",
    ...overrides,
  };
}

const idle: PodPlan = {
  killPod: false,
  kill: [],
  reset: [],
  createSandbox: false,
  attempt: 0,
  sandboxId: "sandbox-0",
  startEphemeral: [],
  startInit: [],
  update: [],
  start: [],
};

interface Case {
  readonly name: string;
  readonly spec?: Input<Pod["spec"]>;
  readonly metadata?: Input<Pod["metadata"]>;
  readonly sandboxes?: ObservedPod["sandboxes"];
  readonly containers: readonly [string, Partial<ContainerState>?][];
  readonly verdicts?: Verdicts;
  readonly context?: Partial<PodPlanContext>;
  readonly plan: Partial<PodPlan>;
}

const exited = (exitCode: number): Partial<ContainerState> => ({ state: "exited", exitCode });
const two = [
  { name: "a", image: "a:1" },
  { name: "b", image: "b:1" },
];
const killing = (name: string, reason: PodPlan["kill"][number]["reason"], message: string) => ({
  id: `${name}-0`,
  name,
  reason,
  message,
});

const cases: readonly Case[] = [
  {
    name: "nothing exists: a sandbox and all containers",
    spec: { containers: two },
    sandboxes: [],
    containers: [],
    plan: { killPod: true, createSandbox: true, sandboxId: undefined, start: [0, 1] },
  },
  { name: "everything runs: nothing", containers: [["web"]], plan: {} },
  { name: "one is missing: it is started", spec: { containers: two }, containers: [["a"]], plan: { start: [1] } },
  {
    name: "the sandbox is dead: everything begins again in the next attempt",
    sandboxes: [buildSandbox({ ready: false, attempt: 2 })],
    containers: [["web", exited(137)]],
    plan: { killPod: true, createSandbox: true, attempt: 3, start: [0] },
  },
  {
    name: "the sandbox has no address: it is made anew",
    sandboxes: [buildSandbox({ ips: [] })],
    containers: [],
    plan: { killPod: true, createSandbox: true, attempt: 1, start: [0] },
  },
  {
    name: "the sandbox of a pod on the node's network needs no address",
    spec: { hostNetwork: true, containers: [{ name: "web", image: "web:1" }] },
    sandboxes: [buildSandbox({ ips: [] })],
    containers: [["web"]],
    plan: {},
  },
  {
    name: "the sandbox is dead and the pod never restarts: it is over",
    spec: { restartPolicy: "Never", containers: [{ name: "web", image: "web:1" }] },
    sandboxes: [buildSandbox({ ready: false })],
    containers: [["web", exited(0)]],
    plan: { killPod: true, attempt: 1 },
  },
  {
    name: "the sandbox is dead and all work is done: it is over",
    spec: { restartPolicy: "OnFailure", containers: [{ name: "web", image: "web:1" }] },
    sandboxes: [buildSandbox({ ready: false })],
    containers: [["web", exited(0)]],
    plan: { killPod: true, attempt: 1 },
  },
  { name: "exited with Always: restart", containers: [["web", exited(0)]], plan: { start: [0] } },
  {
    name: "failed with OnFailure: restart",
    spec: { restartPolicy: "OnFailure", containers: [{ name: "web", image: "web:1" }] },
    containers: [["web", exited(1)]],
    plan: { start: [0] },
  },
  {
    name: "succeeded with OnFailure: the pod is over",
    spec: { restartPolicy: "OnFailure", containers: [{ name: "web", image: "web:1" }] },
    containers: [["web", exited(0)]],
    plan: { killPod: true },
  },
  {
    name: "failed with Never while another runs: it stays dead",
    spec: { restartPolicy: "Never", containers: two },
    containers: [["a", exited(1)], ["b"]],
    plan: {},
  },
  {
    name: "a rule of the container restarts it though the pod never does",
    spec: {
      restartPolicy: "Never",
      containers: [
        {
          name: "web",
          image: "web:1",
          restartPolicy: "Never",
          restartPolicyRules: [{ action: "Restart", exitCodes: { operator: "In", values: [42] } }],
        },
      ],
    },
    containers: [["web", exited(42)]],
    plan: { start: [0] },
  },
  {
    name: "no rule of the container matches: its own policy decides",
    spec: {
      containers: [
        {
          name: "web",
          image: "web:1",
          restartPolicy: "Never",
          restartPolicyRules: [{ action: "Restart", exitCodes: { operator: "NotIn", values: [1] } }],
        },
      ],
    },
    containers: [["web", exited(1)]],
    plan: { killPod: true },
  },
  { name: "made but not started: start", containers: [["web", { state: "created" }]], plan: { start: [0] } },
  {
    name: "of unknown state: stop and start",
    containers: [["web", { state: "unknown" }]],
    plan: {
      start: [0],
      kill: [killing("web", "unknownState", 'Container is in "unknown" state, try killing it before restart')],
    },
  },
  {
    name: "image changed: restart, even with Never",
    spec: { restartPolicy: "Never", containers: [{ name: "web", image: "web:2" }] },
    containers: [["web", { annotations: { "io.kubernetes.container.hash": "0" } }]],
    plan: {
      start: [0],
      kill: [killing("web", "definitionChanged", "Container web definition changed, will be restarted")],
    },
  },
  {
    name: "liveness failed: restart",
    containers: [["web"]],
    verdicts: { liveness: { "web-0": "failure" } },
    plan: {
      start: [0],
      kill: [killing("web", "livenessProbe", "Container web failed liveness probe, will be restarted")],
    },
  },
  {
    name: "startup failed with Never: kill for good",
    spec: { restartPolicy: "Never", containers: two },
    containers: [["a"], ["b"]],
    verdicts: { startup: { "a-0": "failure" } },
    plan: { kill: [killing("a", "startupProbe", "Container a failed startup probe")] },
  },
  {
    name: "readiness failed: nothing",
    containers: [["web"]],
    verdicts: { readiness: { "web-0": "failure" } },
    plan: {},
  },
  {
    name: "a resize needs a restart",
    containers: [["web"]],
    context: { resizeAction: () => "restart" },
    plan: { start: [0], kill: [killing("web", "resize", "Container web resize requires restart")] },
  },
  {
    name: "a resize needs no restart: only those that run on get it",
    spec: { containers: two },
    containers: [["a"], ["b", exited(1)]],
    context: { resizeAction: () => "update" },
    plan: { start: [1], update: [{ id: "a-0", name: "a" }] },
  },
  {
    name: "the pod is being deleted: nothing is started",
    spec: { containers: two },
    metadata: { deletionTimestamp: "2026-01-01T00:01:00Z", deletionGracePeriodSeconds: 30 },
    containers: [["a"]],
    plan: {},
  },
  {
    name: "an ephemeral container is started once",
    spec: {
      containers: [{ name: "web", image: "web:1" }],
      ephemeralContainers: [
        { name: "shell", image: "shell:1" },
        { name: "old", image: "shell:1" },
      ],
    },
    containers: [["web"], ["old", exited(1)]],
    plan: { startEphemeral: [0] },
  },
  {
    name: "all containers start over: those that asked for it are removed last",
    spec: {
      initContainers: [{ name: "init", image: "i:1" }],
      containers: [
        {
          name: "a",
          image: "a:1",
          restartPolicy: "Always",
          restartPolicyRules: [{ action: "RestartAllContainers", exitCodes: { operator: "In", values: [3] } }],
        },
        { name: "b", image: "b:1" },
      ],
    },
    containers: [["a", exited(3)], ["b"], ["init", exited(0)]],
    context: { restartAllContainers: true },
    plan: {
      reset: [
        { id: "b-0", name: "b", kill: true },
        { id: "init-0", name: "init", kill: false },
        { id: "a-0", name: "a", kill: false },
      ],
    },
  },
];

describe("planPodActions", () => {
  it.each(cases)("$name", ({ spec, metadata, sandboxes, containers, verdicts, context, plan }) => {
    const pod = buildPod({ ...(spec === undefined ? {} : { spec }), ...(metadata === undefined ? {} : { metadata }) });
    const observed = {
      sandboxes: sandboxes ?? [buildSandbox()],
      containers: containers.map(([name, state]) => buildContainer(pod, name, state)),
    };
    expect(planPodActions(pod, observed, contextWith(verdicts, context))).toEqual({ ...idle, ...plan });
  });
});

describe("planPodActions with init containers", () => {
  const spec = {
    initContainers: [
      { name: "one", image: "i:1" },
      { name: "two", image: "i:1" },
    ],
    containers: [{ name: "web", image: "web:1" }],
  };
  const never = { ...spec, restartPolicy: "Never" as const };
  const initCases: readonly Case[] = [
    { name: "none has run: the first", spec, containers: [], plan: { startInit: [0] } },
    { name: "the first runs: wait", spec, containers: [["one"]], plan: {} },
    { name: "the first succeeded: the second", spec, containers: [["one", exited(0)]], plan: { startInit: [1] } },
    { name: "the first failed: again", spec, containers: [["one", exited(1)]], plan: { startInit: [0] } },
    {
      name: "the first ran out of memory with code 0: again",
      spec,
      containers: [["one", { ...exited(0), reason: "OOMKilled" }]],
      plan: { startInit: [0] },
    },
    {
      name: "the first failed and the pod never restarts: it is over",
      spec: never,
      containers: [["one", exited(1)]],
      plan: { killPod: true },
    },
    {
      name: "the last succeeded and the first is gone from the runtime: containers start",
      spec,
      containers: [["two", exited(0)]],
      plan: { start: [0] },
    },
    { name: "containers run and init containers are gone: nothing", spec, containers: [["web"]], plan: {} },
    {
      name: "a new sandbox begins with the first",
      spec,
      sandboxes: [buildSandbox({ ready: false })],
      containers: [
        ["web", exited(0)],
        ["two", exited(0)],
      ],
      plan: { killPod: true, createSandbox: true, attempt: 1, startInit: [0] },
    },
    {
      name: "of unknown state with Never: the pod is over",
      spec: never,
      containers: [["one", { state: "unknown" }]],
      plan: { killPod: true },
    },
  ];
  it.each(initCases)("$name", ({ spec, sandboxes, containers, plan }) => {
    const pod = buildPod({ spec: spec ?? {} });
    const observed = {
      sandboxes: sandboxes ?? [buildSandbox()],
      containers: containers.map(([name, state]) => buildContainer(pod, name, state)),
    };
    expect(planPodActions(pod, observed, contextWith())).toEqual({ ...idle, ...plan });
  });
});

describe("planPodActions with sidecars", () => {
  const probe = { exec: { command: ["true"] } };
  const spec = {
    initContainers: [
      { name: "proxy", image: "p:1", restartPolicy: "Always" },
      { name: "init", image: "i:1" },
    ],
    containers: [{ name: "web", image: "web:1" }],
  };
  const probed = {
    ...spec,
    initContainers: [
      { name: "proxy", image: "p:1", restartPolicy: "Always", startupProbe: probe, livenessProbe: probe },
      { name: "init", image: "i:1" },
    ],
  };
  const last = { ...spec, initContainers: [spec.initContainers[1], spec.initContainers[0]] } as Input<Pod["spec"]>;
  const sidecarCases: readonly Case[] = [
    { name: "it runs: the next init container", spec, containers: [["proxy"]], plan: { startInit: [1] } },
    { name: "it has not passed its startup probe: wait", spec: probed, containers: [["proxy"]], plan: {} },
    {
      name: "it has passed its startup probe: the next init container",
      spec: probed,
      containers: [["proxy"]],
      verdicts: { startup: { "proxy-0": "success" } },
      plan: { startInit: [1] },
    },
    {
      name: "its startup probe failed: restart it, and nothing behind it",
      spec: probed,
      containers: [["proxy"]],
      verdicts: { startup: { "proxy-0": "failure" } },
      plan: { startInit: [0], kill: [killing("proxy", "startupProbe", "Init container proxy failed startup probe")] },
    },
    {
      name: "it died while containers run: restart it",
      spec,
      containers: [["proxy", exited(0)], ["web"]],
      plan: { startInit: [0] },
    },
    { name: "it is gone while containers run: start it", spec, containers: [["web"]], plan: { startInit: [0] } },
    {
      name: "its liveness failed while containers run: restart it",
      spec: probed,
      containers: [["proxy"], ["web"]],
      verdicts: { startup: { "proxy-0": "success" }, liveness: { "proxy-0": "failure" } },
      plan: { startInit: [0], kill: [killing("proxy", "livenessProbe", "Init container proxy failed liveness probe")] },
    },
    {
      name: "it is the last init container and runs: containers start",
      spec: last,
      containers: [["init", exited(0)], ["proxy"]],
      plan: { start: [0] },
    },
    {
      name: "the work is done: the pod ends and the sidecar is not kept",
      spec: { ...spec, restartPolicy: "Never" },
      containers: [
        ["proxy", exited(1)],
        ["init", exited(0)],
        ["web", exited(0)],
      ],
      plan: { killPod: true },
    },
  ];
  it.each(sidecarCases)("$name", ({ spec, containers, verdicts, plan }) => {
    const pod = buildPod({ spec: spec ?? {} });
    const observed = {
      sandboxes: [buildSandbox()],
      containers: containers.map(([name, state]) => buildContainer(pod, name, state)),
    };
    expect(planPodActions(pod, observed, contextWith(verdicts))).toEqual({ ...idle, ...plan });
  });
});
