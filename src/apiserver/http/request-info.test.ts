import { describe, expect, test } from "vitest";
import { isLongRunning, readRequestInfo } from "./request-info.ts";

function infoOf(request: string) {
  const [method = "", target = ""] = request.split(" ");
  const [path = "", query = ""] = target.split("?");
  return readRequestInfo(method, path, new URLSearchParams(query));
}

const resource = {
  kind: "resource",
  group: "",
  version: "v1",
  namespace: "",
  resource: "pods",
  subresource: "",
  name: "",
  rest: "",
  isWatchPath: false,
};
const selected = (field: string, value: string) => ({ fieldSelector: [{ field, operator: "=", value }] });

describe("what a request is about", () => {
  test.each([
    { request: "GET /api/v1/pods", info: { verb: "list" } },
    { request: "GET /api/v1/namespaces/n/pods", info: { verb: "list", namespace: "n" } },
    { request: "GET /api/v1/namespaces/n/pods/a", info: { verb: "get", namespace: "n", name: "a" } },
    { request: "HEAD /api/v1/namespaces/n/pods/a", info: { verb: "get", namespace: "n", name: "a" } },
    { request: "POST /api/v1/namespaces/n/pods", info: { verb: "create", namespace: "n" } },
    {
      request: "PUT /api/v1/namespaces/n/pods/a/status",
      info: { verb: "update", namespace: "n", name: "a", subresource: "status" },
    },
    { request: "PATCH /api/v1/namespaces/n/pods/a", info: { verb: "patch", namespace: "n", name: "a" } },
    { request: "DELETE /api/v1/namespaces/n/pods/a", info: { verb: "delete", namespace: "n", name: "a" } },
    { request: "DELETE /api/v1/namespaces/n/pods", info: { verb: "deletecollection", namespace: "n" } },
    { request: "GET /api/v1/pods?watch=true", info: { verb: "watch" } },
    { request: "GET /api/v1/pods?watch=false", info: { verb: "list" } },
    {
      request: "GET /api/v1/watch/namespaces/n/pods/a",
      info: { verb: "watch", namespace: "n", name: "a", isWatchPath: true },
    },
    {
      request: "GET /api/v1/namespaces/n/pods/a/proxy/b/c/",
      info: { verb: "get", namespace: "n", name: "a", subresource: "proxy", rest: "/b/c/" },
    },
    { request: "GET /api/v1/namespaces/n", info: { verb: "get", resource: "namespaces", namespace: "n", name: "n" } },
    {
      request: "PUT /api/v1/namespaces/n/finalize",
      info: { verb: "update", resource: "namespaces", namespace: "n", name: "n", subresource: "finalize" },
    },
    {
      request: "GET /apis/apps/v1/namespaces/n/deployments/d/scale",
      info: { verb: "get", group: "apps", resource: "deployments", namespace: "n", name: "d", subresource: "scale" },
    },
    {
      request: "GET /api/v1/pods?fieldSelector=metadata.name%3Da",
      info: { verb: "list", name: "a", ...selected("metadata.name", "a") },
    },
    {
      request: "GET /api/v1/pods?fieldSelector=spec.nodeName%3Dn&watch=1",
      info: { verb: "watch", ...selected("spec.nodeName", "n") },
    },
    {
      request: "GET /api/v1/pods?fieldSelector=metadata.name%3D..",
      info: { verb: "list", ...selected("metadata.name", "..") },
    },
  ])("$request", ({ request, info }) => {
    const path = request.split(" ")[1]?.split("?")[0];
    expect(infoOf(request)).toEqual({ ...resource, path, ...info });
  });

  test.each([
    { request: "GET /api", verb: "get" },
    { request: "GET /api/v1", verb: "get" },
    { request: "GET /apis/apps/v1", verb: "get" },
    { request: "POST /healthz", verb: "post" },
  ])("$request is about a path", ({ request, verb }) => {
    expect(infoOf(request)).toEqual({ kind: "path", path: request.split(" ")[1], verb });
  });
});

describe("a request that may last", () => {
  test.each([
    { request: "GET /api/v1/pods?watch=1", lasts: true },
    { request: "GET /api/v1/namespaces/n/pods/a/log", lasts: true },
    { request: "POST /api/v1/namespaces/n/pods/a/exec", lasts: true },
    { request: "GET /api/v1/pods", lasts: false },
    { request: "GET /healthz", lasts: false },
  ])("$request: $lasts", ({ request, lasts }) => {
    expect(isLongRunning(infoOf(request))).toBe(lasts);
  });
});
