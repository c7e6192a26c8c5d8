import { describe, expect, it } from "vitest";
import { hasCapability, judgeMachine, type MachineCapabilities } from "./machine-check.ts";

const fine: MachineCapabilities = {
  isRoot: true,
  hasSysResource: true,
  hasOverlay: true,
  hasBridge: true,
  hasNftables: true,
  cgroupVersion: 2,
  freeDiskBytes: 10 * 1024 ** 3,
  takenPorts: [],
};

describe("a machine", () => {
  it("that can do everything is not complained about", () => {
    expect(judgeMachine(fine)).toEqual([]);
    expect(judgeMachine({ ...fine, hasSysResource: false, cgroupVersion: 1 })).toEqual([]);
  });

  const faults: readonly { name: string; machine: Partial<MachineCapabilities>; severity: string; says: string }[] = [
    { name: "no root", machine: { isRoot: false }, severity: "error", says: "a node needs root" },
    { name: "a taken port", machine: { takenPorts: [6443] }, severity: "error", says: "port 6443 is taken" },
    {
      name: "a full disk",
      machine: { freeDiskBytes: 5e6 },
      severity: "error",
      says: "4 MiB left, 1024 MiB are needed",
    },
    { name: "no control groups", machine: { cgroupVersion: undefined }, severity: "error", says: "no control groups" },
    { name: "no bridge", machine: { hasBridge: false }, severity: "error", says: "cannot make bridges" },
    { name: "no nftables", machine: { hasNftables: false }, severity: "error", says: "nftables" },
    { name: "no overlayfs", machine: { hasOverlay: false }, severity: "warning", says: "overlayfs cannot be mounted" },
  ];
  it.each(faults)("with $name gets one sentence about it", ({ machine, severity, says }) => {
    expect(judgeMachine({ ...fine, ...machine })).toEqual([{ severity, message: expect.stringContaining(says) }]);
  });

  it("has a capability when its bit is set", () => {
    const without = "Name:\tnode\nCapPrm:\t000001ffffffffff\nCapEff:\t000001fffeffffff\n";
    expect([hasCapability(without, 24n), hasCapability(without, 23n), hasCapability("", 24n)]).toEqual([
      false,
      true,
      false,
    ]);
  });
});
