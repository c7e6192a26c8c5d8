import { describe, expect, it } from "vitest";
import { readBearerToken, readWebSocketToken } from "./bearer-token.ts";

describe("bearer token of a header", () => {
  it.each([
    { header: "Bearer abc", token: "abc" },
    { header: " bearer abc def", token: "abc" },
    { header: "Bearer  abc", token: undefined },
    { header: "Bearer", token: undefined },
    { header: "Basic abc", token: undefined },
    { header: undefined, token: undefined },
  ])("$header", ({ header, token }) => {
    expect(readBearerToken(header)).toBe(token);
  });
});

describe("bearer token of WebSocket sub-protocols", () => {
  const encoded = (token: string): string =>
    `base64url.bearer.authorization.k8s.io.${Buffer.from(token).toString("base64url")}`;
  it("is taken out of the list", () => {
    expect(readWebSocketToken(`v4.channel.k8s.io, ${encoded("tök")},v5.channel.k8s.io`)).toEqual({
      token: "tök",
      protocols: ["v4.channel.k8s.io", "v5.channel.k8s.io"],
    });
  });

  it("need not be there", () => {
    expect([readWebSocketToken("a,b"), readWebSocketToken(undefined)]).toEqual([
      { token: undefined, protocols: ["a", "b"] },
      { token: undefined, protocols: [] },
    ]);
  });

  it.each([
    { name: "two tokens", protocols: `a,${encoded("x")},${encoded("y")}` },
    { name: "nothing else", protocols: encoded("x") },
    { name: "not base64url", protocols: "a,base64url.bearer.authorization.k8s.io.a+b=" },
    { name: "bytes that are no text", protocols: "a,base64url.bearer.authorization.k8s.io._w" },
  ])("is refused: $name", ({ protocols }) => {
    expect(() => readWebSocketToken(protocols)).toThrow("Unauthorized");
  });
});
