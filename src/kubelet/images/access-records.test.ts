import { describe, expect, it } from "vitest";
import { createAccessRecords } from "./access-records.ts";

const credential = (username: string, secretUid: string) => ({
  username,
  password: "pass",
  serverAddress: "example.com",
  secretUid,
});

describe("createAccessRecords", () => {
  it("leaves images open that were there before", () => {
    expect(createAccessRecords().mayUse("image", [])).toBe(true);
  });

  it("closes an image to those without the credentials that it was fetched with", () => {
    const records = createAccessRecords();
    records.recordPull("image", [credential("jane", "s1")]);
    expect(records.mayUse("image", [])).toBe(false);
    expect(records.mayUse("image", [credential("joe", "s2")])).toBe(false);
    expect(records.mayUse("image", [credential("jane", "s2")])).toBe(true);
    expect(records.mayUse("image", [{ ...credential("jane", "s1"), password: "new" }])).toBe(true);
    records.recordPull("image", [credential("joe", "s2")]);
    expect(records.mayUse("image", [credential("joe", "s2")])).toBe(true);
    expect(records.mayUse("image", [credential("jane", "s1")])).toBe(true);
  });

  it("opens an image for good once it was fetched without any", () => {
    const records = createAccessRecords();
    records.recordPull("image", [credential("jane", "s1")]);
    records.recordPull("image", []);
    records.recordPull("image", [credential("jane", "s1")]);
    expect(records.mayUse("image", [])).toBe(true);
  });
});
