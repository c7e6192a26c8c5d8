import { defineConfig } from "vitest/config";

const node = { environment: "node", testTimeout: 30_000, hookTimeout: 120_000 } as const;

/** Suites: `unit` beside the code, and one for each folder of `test/` that needs more than a process. */
export default defineConfig({
  test: {
    projects: [
      { test: { ...node, name: "unit", include: ["src/**/*.test.ts", "scripts/**/*.test.ts", "bench/**/*.test.ts"] } },
      {
        test: {
          ...node,
          name: "server",
          include: ["test/server/**/*.test.ts", "test/parity/**/*.test.ts"],
          // Reading the whole server anew for each file takes longer than the tests.
          isolate: false,
        },
      },
      {
        test: {
          ...node,
          name: "storage",
          include: ["test/storage/**/*.test.ts"],
          testTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          ...node,
          name: "node",
          include: ["test/node/**/*.test.ts", "test/walkthrough/**/*.test.ts", "test/cli/**/*.test.ts"],
          testTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
