import { describe, expect, it } from "vitest";
import type { ContainerState } from "../../kubelet/runtime.ts";
import type { SandboxUsage } from "../cri/usage.ts";
import { checkAccess, type NodeAuthority, planAccess, Refusal } from "./access.ts";
import { parseLogQuery } from "./log-query.ts";
import { type NodeUsage, parseNetDev, parseStat } from "./node-usage.ts";
import { renderResourceMetrics } from "./resource-metrics.ts";
import { parseRoute } from "./route.ts";
import { renderSummary } from "./summary.ts";

describe("a path of the node's server", () => {
  it.each([
    { path: "/healthz", route: { kind: "healthz" } },
    { path: "/healthz/ping", route: { kind: "healthz" } },
    { path: "/pods", route: { kind: "pods" } },
    { path: "/runningpods/", route: { kind: "runningPods" } },
    { path: "/stats/summary", route: { kind: "summary" } },
    { path: "/metrics/resource", route: { kind: "resourceMetrics" } },
    { path: "/containerLogs/ns/web/app", route: { kind: "logs", namespace: "ns", pod: "web", container: "app" } },
    { path: "/exec/ns/web/app", route: { kind: "exec", namespace: "ns", pod: "web", container: "app" } },
    {
      path: "/attach/ns/web/u-1/app",
      route: { kind: "attach", namespace: "ns", pod: "web", uid: "u-1", container: "app" },
    },
    { path: "/portForward/ns/web", route: { kind: "portForward", namespace: "ns", pod: "web" } },
    { path: "/portForward/ns/web/u-1", route: { kind: "portForward", namespace: "ns", pod: "web", uid: "u-1" } },
    { path: "/containerLogs/ns/web", route: undefined },
    { path: "/containerLogs/ns/we%zb/app", route: undefined },
    { path: "/pods/x", route: undefined },
    { path: "/", route: undefined },
  ])("$path is understood", ({ path, route }) => {
    expect(parseRoute(path)).toEqual(route);
  });
});

describe("access to the node's server", () => {
  it.each([
    { method: "GET", path: "/pods", ways: ["get pods", "get proxy"] },
    { method: "GET", path: "/runningpods/", ways: ["get pods", "get proxy"] },
    { method: "GET", path: "/healthz/ping", ways: ["get healthz", "get proxy"] },
    { method: "GET", path: "/stats/summary", ways: ["get stats"] },
    { method: "GET", path: "/metrics/resource", ways: ["get metrics"] },
    { method: "GET", path: "/containerLogs/a/b/c", ways: ["get proxy"] },
    { method: "POST", path: "/exec/a/b/c", ways: ["create proxy"] },
    { method: "GET", path: "/podsother", ways: ["get proxy"] },
  ])("needs for $method $path one of $ways", ({ method, path, ways }) => {
    expect(planAccess(method, path).map((way) => `${way.verb} ${way.subresource}`)).toEqual(ways);
  });

  const jane = { username: "jane", groups: [] };
  const authorityWith = (changes: Partial<NodeAuthority>): NodeAuthority => ({
    authenticate: () => Promise.resolve(jane),
    authorize: () => Promise.resolve(true),
    ...changes,
  });
  const request = { method: "GET", path: "/pods" };
  const never = new AbortController().signal;

  it("is given when any way allows it", async () => {
    const asked: string[] = [];
    const authorize: NodeAuthority["authorize"] = (_user, { subresource }) => {
      asked.push(subresource);
      return Promise.resolve(subresource === "proxy");
    };
    expect(await checkAccess(authorityWith({ authorize }), {}, request, never)).toBe(jane);
    expect(asked).toEqual(["pods", "proxy"]);
  });

  it.each([
    {
      name: "nobody",
      changes: { authenticate: () => Promise.resolve(undefined) },
      status: 401,
      message: "Unauthorized",
    },
    {
      name: "bad credentials",
      changes: { authenticate: () => Promise.reject(new Error("x")) },
      status: 401,
      message: "Unauthorized",
    },
    {
      name: "somebody without the right",
      changes: { authorize: () => Promise.resolve(false) },
      status: 403,
      message: "Forbidden (user=jane, verb=get, resource=nodes, subresource(s)=[pods proxy])\n",
    },
    {
      name: "a cluster that cannot be asked",
      changes: { authorize: () => Promise.reject(new Error("x")) },
      status: 500,
      message: "Authorization error (user=jane, verb=get, resource=nodes, subresource=pods)",
    },
  ])("is refused to $name", async ({ changes, status, message }) => {
    const refusal = await checkAccess(authorityWith(changes), {}, request, never).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(Refusal);
    expect(refusal).toMatchObject({ status, message });
  });
});

describe("the query of a log request", () => {
  const parse = (text: string) => parseLogQuery(new URLSearchParams(text), 100_000);

  it("may say nothing, or all", () => {
    expect(parse("")).toEqual({ follow: false, previous: false, options: { timestamps: false } });
    expect(parse("follow=true&previous=true&timestamps=true&tailLines=5&limitBytes=9&sinceSeconds=10")).toEqual({
      follow: true,
      previous: true,
      options: { timestamps: true, tailLines: 5, limitBytes: 9, sinceMs: 90_000 },
    });
    expect(parse("sinceTime=1970-01-01T00:00:01Z&stream=Stderr").options).toEqual({
      timestamps: false,
      sinceMs: 1_000,
      streams: ["stderr"],
    });
    expect(parse("tail=all&stream=All").options).toEqual({ timestamps: false });
  });

  it.each([
    { query: "tailLines=-1", status: 422 },
    { query: "limitBytes=0", status: 422 },
    { query: "sinceSeconds=0", status: 422 },
    { query: "sinceSeconds=1&sinceTime=1970-01-01T00:00:01Z", status: 422 },
    { query: "stream=Stdout&tailLines=1", status: 422 },
    { query: "stream=stdout", status: 422 },
    { query: "tailLines=many", status: 400 },
    { query: "sinceTime=yesterday", status: 400 },
  ])("is refused with $status: $query", ({ query, status }) => {
    expect(() => parse(query)).toThrow(expect.objectContaining({ status }));
  });
});

describe("what the node uses", () => {
  it("is read from the kernel's own files", () => {
    expect(parseStat("cpu  10 1 5 900 40 2 3 4 0 0\ncpu0 1\nbtime 1700000000\n")).toEqual({
      cpuNanoseconds: 250_000_000n,
      bootTimeMs: 1_700_000_000_000,
    });
    const text = [
      "Inter-|   Receive                                                |  Transmit",
      " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed",
      "    lo:  10 1 0 0 0 0 0 0 10 1 0 0 0 0 0 0",
      "  eth0: 100 2 3 0 0 0 0 0 200 4 5 0 0 0 0 0",
      "veth1a: 100 2 3 0 0 0 0 0 200 4 5 0 0 0 0 0",
    ].join("\n");
    expect(parseNetDev(text)).toEqual([{ name: "eth0", rxBytes: 100, rxErrors: 3, txBytes: 200, txErrors: 5 }]);
  });
});

const node: NodeUsage = {
  timeMs: 1_000_000,
  bootTimeMs: 0,
  cpuNanoseconds: 5_000_000_000n,
  memory: { usageBytes: 9, workingSetBytes: 8, availableBytes: 7, rssBytes: 6, pageFaults: 5, majorPageFaults: 4 },
  network: [{ name: "eth0", rxBytes: 1, rxErrors: 2, txBytes: 3, txErrors: 4 }],
  disk: { capacityBytes: 100, availableBytes: 60, inodes: 10, inodesFree: 7 },
  maxProcesses: 99,
  processes: 9,
};
const memory = {
  timeMs: 999_000,
  usageBytes: 30,
  workingSetBytes: 20,
  rssBytes: 10,
  pageFaults: 1,
  majorPageFaults: 0,
};
const labels = {
  "io.kubernetes.pod.name": "web",
  "io.kubernetes.pod.namespace": "default",
  "io.kubernetes.pod.uid": "u1",
  "io.kubernetes.container.name": "app",
};
const running = {
  id: "c1",
  sandboxId: "s1",
  name: "app",
  state: "running",
  createdAtMs: 500_000,
  startedAtMs: 600_500,
  labels,
} as unknown as ContainerState;
const sandbox: SandboxUsage = {
  sandboxId: "s1",
  cpu: { timeMs: 999_000, totalNanoseconds: 3_000_000n, nanoCores: 7 },
  memory,
  network: { timeMs: 999_000, name: "eth0", rxBytes: 1, rxErrors: 0, txBytes: 2, txErrors: 0 },
  processCount: 4,
  containers: [
    {
      containerId: "c1",
      cpu: { timeMs: 999_000, totalNanoseconds: 1_500_000n },
      memory: { ...memory, availableBytes: 70 },
      writableLayer: { timeMs: 998_000, usedBytes: 11, inodesUsed: 2, path: "/x" },
    },
  ],
};
const ended = { ...running, id: "c0", state: "exited" } as ContainerState;
const emptyPod: SandboxUsage = { sandboxId: "s2", containers: [] };

describe("the summary of statistics", () => {
  it("has the node and each pod of which something runs", () => {
    const summary = renderSummary({
      nodeName: "n1",
      node,
      nodeNanoCores: 42,
      sandboxes: [sandbox, emptyPod],
      containers: [running, ended],
      images: { timeMs: 0, usedBytes: 5, inodesUsed: 1, path: "/y" },
      logBytes: new Map([["c1", 13]]),
    });
    expect(summary).toMatchInlineSnapshot(`
      {
        "node": {
          "cpu": {
            "time": "1970-01-01T00:16:40Z",
            "usageCoreNanoSeconds": 5000000000,
            "usageNanoCores": 42,
          },
          "fs": {
            "availableBytes": 60,
            "capacityBytes": 100,
            "inodes": 10,
            "inodesFree": 7,
            "inodesUsed": 3,
            "time": "1970-01-01T00:16:40Z",
            "usedBytes": 40,
          },
          "memory": {
            "availableBytes": 7,
            "majorPageFaults": 4,
            "pageFaults": 5,
            "rssBytes": 6,
            "time": "1970-01-01T00:16:40Z",
            "usageBytes": 9,
            "workingSetBytes": 8,
          },
          "network": {
            "interfaces": [
              {
                "name": "eth0",
                "rxBytes": 1,
                "rxErrors": 2,
                "txBytes": 3,
                "txErrors": 4,
              },
            ],
            "name": "eth0",
            "rxBytes": 1,
            "rxErrors": 2,
            "time": "1970-01-01T00:16:40Z",
            "txBytes": 3,
            "txErrors": 4,
          },
          "nodeName": "n1",
          "rlimit": {
            "curproc": 9,
            "maxpid": 99,
            "time": "1970-01-01T00:16:40Z",
          },
          "runtime": {
            "containerFs": {
              "availableBytes": 60,
              "capacityBytes": 100,
              "inodes": 10,
              "inodesFree": 7,
              "inodesUsed": 1,
              "time": "1970-01-01T00:00:00Z",
              "usedBytes": 5,
            },
            "imageFs": {
              "availableBytes": 60,
              "capacityBytes": 100,
              "inodes": 10,
              "inodesFree": 7,
              "inodesUsed": 1,
              "time": "1970-01-01T00:00:00Z",
              "usedBytes": 5,
            },
          },
          "startTime": "1970-01-01T00:00:00Z",
        },
        "pods": [
          {
            "containers": [
              {
                "cpu": {
                  "time": "1970-01-01T00:16:39Z",
                  "usageCoreNanoSeconds": 1500000,
                },
                "logs": {
                  "availableBytes": 60,
                  "capacityBytes": 100,
                  "time": "1970-01-01T00:16:40Z",
                  "usedBytes": 13,
                },
                "memory": {
                  "availableBytes": 70,
                  "majorPageFaults": 0,
                  "pageFaults": 1,
                  "rssBytes": 10,
                  "time": "1970-01-01T00:16:39Z",
                  "usageBytes": 30,
                  "workingSetBytes": 20,
                },
                "name": "app",
                "rootfs": {
                  "availableBytes": 60,
                  "capacityBytes": 100,
                  "inodesUsed": 2,
                  "time": "1970-01-01T00:16:38Z",
                  "usedBytes": 11,
                },
                "startTime": "1970-01-01T00:10:00Z",
              },
            ],
            "cpu": {
              "time": "1970-01-01T00:16:39Z",
              "usageCoreNanoSeconds": 3000000,
              "usageNanoCores": 7,
            },
            "ephemeral-storage": {
              "availableBytes": 60,
              "capacityBytes": 100,
              "time": "1970-01-01T00:16:40Z",
              "usedBytes": 24,
            },
            "memory": {
              "majorPageFaults": 0,
              "pageFaults": 1,
              "rssBytes": 10,
              "time": "1970-01-01T00:16:39Z",
              "usageBytes": 30,
              "workingSetBytes": 20,
            },
            "network": {
              "interfaces": [
                {
                  "name": "eth0",
                  "rxBytes": 1,
                  "rxErrors": 0,
                  "txBytes": 2,
                  "txErrors": 0,
                },
              ],
              "name": "eth0",
              "rxBytes": 1,
              "rxErrors": 0,
              "time": "1970-01-01T00:16:39Z",
              "txBytes": 2,
              "txErrors": 0,
            },
            "podRef": {
              "name": "web",
              "namespace": "default",
              "uid": "u1",
            },
            "process_stats": {
              "process_count": 4,
            },
            "startTime": "1970-01-01T00:08:20Z",
          },
        ],
      }
    `);
  });
});

describe("the metrics of resources", () => {
  it("are in Prometheus' text format", () => {
    const text = renderResourceMetrics({ node, containers: [running, ended], sandboxes: [sandbox, emptyPod] });
    expect(text).toMatchInlineSnapshot(`
      "# HELP container_cpu_usage_seconds_total [STABLE] Cumulative cpu time consumed by the container in core-seconds
      # TYPE container_cpu_usage_seconds_total counter
      container_cpu_usage_seconds_total{container="app",namespace="default",pod="web"} 0.0015 999000
      # HELP container_memory_working_set_bytes [STABLE] Current working set of the container in bytes
      # TYPE container_memory_working_set_bytes gauge
      container_memory_working_set_bytes{container="app",namespace="default",pod="web"} 20 999000
      # HELP container_start_time_seconds [STABLE] Start time of the container since unix epoch in seconds
      # TYPE container_start_time_seconds gauge
      container_start_time_seconds{container="app",namespace="default",pod="web"} 600.5
      # HELP node_cpu_usage_seconds_total [STABLE] Cumulative cpu time consumed by the node in core-seconds
      # TYPE node_cpu_usage_seconds_total counter
      node_cpu_usage_seconds_total 5 1000000
      # HELP node_memory_working_set_bytes [STABLE] Current working set of the node in bytes
      # TYPE node_memory_working_set_bytes gauge
      node_memory_working_set_bytes 8 1000000
      # HELP pod_cpu_usage_seconds_total [STABLE] Cumulative cpu time consumed by the pod in core-seconds
      # TYPE pod_cpu_usage_seconds_total counter
      pod_cpu_usage_seconds_total{namespace="default",pod="web"} 0.003 999000
      # HELP pod_memory_working_set_bytes [STABLE] Current working set of the pod in bytes
      # TYPE pod_memory_working_set_bytes gauge
      pod_memory_working_set_bytes{namespace="default",pod="web"} 20 999000
      # HELP resource_scrape_error [STABLE] 1 if there was an error while getting container metrics, 0 otherwise
      # TYPE resource_scrape_error gauge
      resource_scrape_error 0
      "
    `);
  });
});
