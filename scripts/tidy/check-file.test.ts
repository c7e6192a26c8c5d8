import { describe, expect, it } from "vitest";
import { checkFile } from "./check-file.ts";

const faults: readonly { name: string; file: string; text: string; rule: string }[] = [
  {
    name: "import from a higher room",
    file: "src/api/x.ts",
    text: `import { a } from "../client/a.ts"; a();`,
    rule: "levels",
  },
  {
    name: "import between rooms of one level",
    file: "src/scheduler/x.ts",
    text: `import { a } from "../kubelet/a.ts"; a();`,
    rule: "levels",
  },
  {
    name: "re-export from a higher room",
    file: "src/base/x.ts",
    text: `export { a } from "../api/a.ts";`,
    rule: "levels",
  },
  {
    name: "import of another room's inside",
    file: "src/client/x.ts",
    text: `import { a } from "../api/decode/scalars.ts"; a();`,
    rule: "doors",
  },
  { name: "file outside every room", file: "src/x/y.ts", text: "export const a = 1;", rule: "room" },
  { name: "Node module in a neutral room", file: "src/api/x.ts", text: `import "node:fs";`, rule: "neutral" },
  { name: "Node package in a neutral room", file: "src/client/x.ts", text: `import "ws";`, rule: "neutral" },
  {
    name: "neutral file importing a Node file",
    file: "src/client/x.ts",
    text: `import { a } from "./a.node.ts"; a();`,
    rule: "neutral",
  },
  { name: "wall clock", file: "src/api/x.ts", text: "export const a = () => Date.now();", rule: "real-source" },
  { name: "date of now", file: "src/api/x.ts", text: "export const a = () => new Date();", rule: "real-source" },
  { name: "chance", file: "src/api/x.ts", text: "export const a = () => Math.random();", rule: "real-source" },
  { name: "timer", file: "src/bin/x.ts", text: "export const a = () => setTimeout(() => {}, 1);", rule: "real-source" },
  {
    name: "empty catch",
    file: "src/api/x.ts",
    text: "export function a() { try { a(); } catch {} }",
    rule: "empty-catch",
  },
  {
    name: "state at module level",
    file: "src/api/x.ts",
    text: "let a = 1; export const b = () => (a += 1);",
    rule: "module-state",
  },
  { name: "enum", file: "src/api/x.ts", text: "export enum A { B }", rule: "erasable" },
  { name: "name in capitals", file: "src/api/FieldError.ts", text: "export const a = 1;", rule: "file-name" },
  { name: "name that says nothing", file: "src/api/utils.ts", text: "export const a = 1;", rule: "file-name" },
  { name: "endless file", file: "src/api/x.ts", text: "export const a = 1;\n".repeat(601), rule: "file-size" },
];

describe("tidy check", () => {
  it.each(faults)("reports a planted fault: $name", ({ file, text, rule }) => {
    expect(checkFile(file, text).map((finding) => finding.rule)).toContain(rule);
  });

  it("accepts a file that keeps the rules", () => {
    const text = `import type { Clock } from "../base/clock.ts";\nexport const ageMs = (clock: Clock, sinceMs: number): number => clock.nowMs() - sinceMs;\n`;
    expect(checkFile("src/api/age.ts", text)).toEqual([]);
  });

  it("does not take a method that every object has for a banned call", () => {
    expect(checkFile("src/api/x.ts", "export const a = () => valueOf();\n")).toEqual([]);
  });

  it("says which line", () => {
    expect(checkFile("src/api/x.ts", "export const a = 1;\nexport const b = () => Date.now();\n")).toEqual([
      {
        file: "src/api/x.ts",
        line: 2,
        rule: "real-source",
        message: "Date.now(): take a Clock and call nowMs()",
      },
    ]);
  });
});
