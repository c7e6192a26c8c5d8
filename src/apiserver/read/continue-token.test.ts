import { describe, expect, test } from "vitest";
import { decodeContinueToken, encodeContinueToken } from "./continue-token.ts";

describe("a continue token", () => {
  test.each([
    { revision: 7, startKey: "default/a\0" },
    { revision: undefined, startKey: "ä/ö\u{1F600}\0" },
  ])("reads as it was written: $startKey at $revision", (token) => {
    const text = encodeContinueToken(token);
    expect(text).toMatch(/^[A-Za-z0-9_-]+$/);
    expect(decodeContinueToken(text)).toEqual(token);
  });

  test.each([
    { name: "other characters", text: "ab=c", why: "illegal base64 data at input byte 2" },
    { name: "half a byte", text: "abcde", why: "illegal base64 data at input byte 4" },
    { name: "no JSON", text: btoa("hi!"), why: "invalid character 'h' looking for beginning of value" },
    {
      name: "another version",
      text: btoa('{"v":"x","rv":1,"start":"a"}').replaceAll("=", ""),
      why: "server does not recognize this encoded version x",
    },
  ])("of $name is refused", ({ text, why }) => {
    expect(() => decodeContinueToken(text)).toThrow(`invalid continue token: continue key is not valid: ${why}`);
  });
});
