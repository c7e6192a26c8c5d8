import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ContainerConfig, Sandbox } from "../../src/kubelet/runtime.ts";
import { createImageLibrary } from "../../src/machine/image-library.ts";
import { assertUnchanged, type MachineSnapshot, takeSnapshot } from "./support/machine-snapshot.ts";
import { containerOf, imageFolder, sandboxOf, startTestNode, type TestNode } from "./support/test-node.ts";

/** Made of Debian packages the first time, here, because the test's own network has no way out. */
const made = [
  "docker.io/library/nginx:1.25",
  "docker.io/k8ts/hello:1.0",
  "docker.io/k8ts/hello:2.0",
  "docker.io/curlimages/curl:8.5.0",
  "docker.io/library/perl:5.34.0",
];
const makingMs = 300_000;

let before: MachineSnapshot;
let node: TestNode;

beforeAll(async () => {
  before = await takeSnapshot();
  await createImageLibrary({ folder: imageFolder }).ensure(made);
  node = await startTestNode();
}, makingMs);
afterAll(async () => {
  await node.close();
  await assertUnchanged(before);
});

async function run(
  name: string,
  image: string,
  changes: Partial<ContainerConfig> = {},
): Promise<{ readonly id: string; readonly sandbox: Sandbox }> {
  const { id: imageId } = await node.runtime.images.pull(image, []);
  const config = sandboxOf(node, name);
  const sandbox = await node.runtime.runSandbox(config);
  const id = await node.runtime.createContainer(
    sandbox.id,
    containerOf(config, imageId, "", { image, command: [], ...changes }),
  );
  await node.runtime.startContainer(id);
  return { id, sandbox };
}

const fetchFrom = (sandbox: Sandbox, path: string): Promise<string> =>
  node.inNetwork("busybox", "wget", "-qO-", `http://${sandbox.ips[0]}${path}`);
const logOf = (id: string): Promise<string> => node.runtime.tailLog(id, { maxLines: 10, maxBytes: 10_000 });

describe("the images that examples use", () => {
  it("nginx serves its site, logs to its output and ends gracefully", async () => {
    const { id, sandbox } = await run("nginx", "nginx:1.25");
    await expect.poll(() => fetchFrom(sandbox, "/").catch(() => ""), { timeout: 5_000 }).toContain("nginx");
    await node.runtime.execSync(id, ["sh", "-c", "echo changed > /usr/share/nginx/html/index.html"], 5_000);
    expect([await fetchFrom(sandbox, "/"), await logOf(id)]).toEqual([
      "changed\n",
      expect.stringContaining("GET / HTTP/1.1"),
    ]);
    await node.runtime.stopContainer(id, 10);
    expect(await node.runtime.inspectContainer(id)).toMatchObject({ state: "exited", exitCode: 0 });
  });

  it("hello answers with its version and host, as nobody, and its versions differ", async () => {
    const [first, second] = [await run("one", "k8ts/hello:1.0"), await run("two", "docker.io/k8ts/hello:2.0")];
    const answers = [first, second].map(({ sandbox }) =>
      expect.poll(() => fetchFrom(sandbox, ":8080/any/path").catch(() => ""), { timeout: 5_000 }),
    );
    await answers[0]?.toBe("Hello, world! Version: 1.0 Hostname: one\n");
    await answers[1]?.toBe("Hello, world! Version: 2.0 Hostname: two\n");
    const { stdout } = await node.runtime.execSync(first.id, ["id", "-u"], 5_000);
    expect(Buffer.from(stdout).toString()).toBe("65534\n");
    const images = await Promise.all(
      ["k8ts/hello:1.0", "k8ts/hello:2.0"].map((name) => node.runtime.images.find(name)),
    );
    expect(images[0]?.id).not.toBe(images[1]?.id);
  });

  it("curl reaches another pod", async () => {
    const { sandbox } = await run("target", "k8ts/hello:1.0");
    const url = `http://${sandbox.ips[0]}:8080/`;
    const { id } = await run("client", "curlimages/curl:8.5.0", {
      args: ["-s", "--retry", "20", "--retry-connrefused", "--retry-delay", "1", url],
    });
    await expect.poll(() => logOf(id), { timeout: 10_000 }).toBe("Hello, world! Version: 1.0 Hostname: target\n");
  });

  it("perl computes, as the example of a Job does", async () => {
    const { id } = await run("pi", "perl:5.34.0", { command: ["perl", "-Mbignum=bpi", "-wle", "print bpi(50)"] });
    await expect
      .poll(() => logOf(id), { timeout: 10_000 })
      .toBe("3.1415926535897932384626433832795028841971693993751\n");
  });

  it("are pulled again under the tag latest, without any registry", async () => {
    const [first, second] = [
      await node.runtime.images.pull("busybox", []),
      await node.runtime.images.pull("busybox", []),
    ];
    expect([first.id === second.id, first.tags]).toEqual([true, ["docker.io/library/busybox:latest"]]);
  });
});
