import { describe, expect, it } from "vitest";
import { takeSnapshot } from "./support/machine-snapshot.ts";
import { containerOf, sandboxOf, startTestNode, type TestNode } from "./support/test-node.ts";

async function startPods(node: TestNode): Promise<void> {
  const { id } = await node.runtime.images.pull("busybox:1.36", []);
  for (const name of ["one", "two"]) {
    const config = sandboxOf(node, name);
    const sandbox = await node.runtime.runSandbox(config);
    const container = await node.runtime.createContainer(
      sandbox.id,
      containerOf(config, id, "trap '' TERM; sleep 1000"),
    );
    await node.runtime.startContainer(container);
  }
}

describe("a node that is taken away", () => {
  it("leaves nothing behind, with pods that run", async () => {
    const before = await takeSnapshot();
    const node = await startTestNode();
    await startPods(node);
    expect((await takeSnapshot()).processes.length).toBeGreaterThan(before.processes.length);
    await node.close();
    expect(await takeSnapshot()).toEqual(before);
  });

  it("leaves nothing behind although its containerd has died", async () => {
    const before = await takeSnapshot();
    const node = await startTestNode();
    await startPods(node);
    await node.killContainerd();
    await node.close();
    expect(await takeSnapshot()).toEqual(before);
  });
});
