import { describe, expect, it } from "vitest";
import { base64OfBytes, bytesOfBase64, bytesOfBase64Url } from "./base64.ts";

describe("base64", () => {
  const all = Uint8Array.from({ length: 100_000 }, (_unused, index) => (index * 7) & 0xff);

  it.each([
    ["nothing", new Uint8Array(0)],
    ["one byte", Uint8Array.of(255)],
    ["more than one call takes", all],
  ])("writes and reads %s", (_name, bytes) => {
    const text = base64OfBytes(bytes);
    expect(text).toBe(Buffer.from(bytes).toString("base64"));
    expect(bytesOfBase64(text)).toEqual(bytes);
  });

  it("reads the alphabet for URLs, and refuses the other one's letters there", () => {
    expect(bytesOfBase64Url("-_8")).toEqual(Uint8Array.of(0xfb, 0xff));
    expect(() => bytesOfBase64Url("+/8=")).toThrow("not base64url");
  });
});
