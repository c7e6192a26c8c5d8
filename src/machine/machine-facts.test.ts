import { describe, expect, it } from "vitest";
import { goArchitecture, parseMeminfo, parseOsRelease, readMachineFacts } from "./machine-facts.ts";

describe("facts of a machine", () => {
  it("have the system's name without its quotes", () => {
    const text = `# comment\nPRETTY_NAME="Debian \\"12\\""\nID=debian\nEMPTY=\nNAME='x'\n`;
    expect({ ...parseOsRelease(text) }).toEqual({ PRETTY_NAME: `Debian "12"`, ID: "debian", EMPTY: "", NAME: "x" });
  });

  it("count file cache that could be dropped as available memory", () => {
    const text = "MemTotal:  1000 kB\nMemFree:  100 kB\nMemAvailable: 700 kB\nInactive: 9 kB\nInactive(file):  50 kB\n";
    expect(parseMeminfo(text)).toEqual({ totalBytes: 1_024_000, availableBytes: 153_600 });
  });

  it("name architectures as the API does", () => {
    expect(["x64", "arm64", "ia32"].map(goArchitecture)).toEqual(["amd64", "arm64", "386"]);
  });

  it("are read from this very machine", async () => {
    const facts = await readMachineFacts("/");
    const [capacity, pressure] = [await facts.capacity(), await facts.pressure()];
    expect(facts.info).toMatchObject({ operatingSystem: "linux", bootId: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    expect(capacity.cpuMillis).toBeGreaterThanOrEqual(1_000);
    expect(capacity.memoryBytes).toBeGreaterThan(pressure.memoryAvailableBytes);
    expect(pressure.diskCapacityBytes).toBe(capacity.ephemeralStorageBytes);
    expect(pressure.pidsAvailable).toBeGreaterThan(0);
  });
});
