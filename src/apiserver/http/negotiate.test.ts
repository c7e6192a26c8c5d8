import { describe, expect, test } from "vitest";
import { checkAccepted, negotiate, wantsPretty } from "./negotiate.ts";

const table = { kind: "Table", version: "v1" };
const asTable = "application/json;as=Table;v=v1;g=meta.k8s.io";
const protobuf = "application/vnd.kubernetes.protobuf";

describe("the media type of an answer", () => {
  test.each([
    { accept: undefined, type: { encoding: "json", as: undefined, pretty: false } },
    { accept: "*/*", type: { encoding: "json", as: undefined, pretty: false } },
    { accept: "application/yaml", type: { encoding: "yaml", as: undefined, pretty: false } },
    { accept: "application/json;pretty=1", type: { encoding: "json", as: undefined, pretty: true } },
    { accept: asTable, type: { encoding: "json", as: table, pretty: false } },
    {
      accept: `${protobuf};as=Table;v=v1;g=meta.k8s.io,${asTable}`,
      type: { encoding: "json", as: table, pretty: false },
    },
    {
      accept: "application/json;as=Foo;v=v1;g=meta.k8s.io,application/yaml",
      type: { encoding: "yaml", as: undefined, pretty: false },
    },
    {
      accept: "application/yaml;q=0.5, application/json;q=0.8",
      type: { encoding: "json", as: undefined, pretty: false },
    },
    { accept: "text/html, */*;q=0.1", type: { encoding: "json", as: undefined, pretty: false } },
  ])("for $accept", ({ accept, type }) => {
    expect(negotiate(accept, { transforms: true })).toEqual(type);
  });

  test.each([
    { accept: protobuf, options: {} },
    { accept: asTable, options: { transforms: false } },
    { accept: "application/json;as=Table;v=v2;g=meta.k8s.io", options: { transforms: true } },
    { accept: "application/yaml", options: { isWatch: true } },
    { accept: "application/json;stream=other", options: {} },
  ])("cannot be had for $accept", ({ accept, options }) => {
    expect(() => negotiate(accept, options)).toThrow("only the following media types are accepted: application/json");
  });
});

describe("a request", () => {
  test.each(["text/html", "application/*", "image/png, text/*"])("that accepts only %s fits no route", (accept) => {
    expect(() => checkAccepted(accept, true)).toThrow(
      "406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, application/json;stream=watch",
    );
  });

  test.each([undefined, "", "*/*", "text/html, application/json;as=Foo", protobuf])(
    "that accepts %s fits its route",
    (accept) => {
      expect(() => checkAccepted(accept, false)).not.toThrow();
    },
  );

  test.each([
    { query: "", agent: "curl/8.0", pretty: true },
    { query: "", agent: "Mozilla/5.0 (X11)", pretty: true },
    { query: "", agent: "kubectl/v1.36", pretty: false },
    { query: "pretty=true", agent: "kubectl/v1.36", pretty: true },
    { query: "pretty=0", agent: "curl/8.0", pretty: false },
  ])("by $agent with '$query' is answered for people: $pretty", ({ query, agent, pretty }) => {
    expect(wantsPretty(new URLSearchParams(query), agent)).toBe(pretty);
  });
});
