#!/usr/bin/env node
/** The command `k8ts`: finds what is asked for and says in one sentence what is wrong. */
import { enableCompileCache } from "node:module";

enableCompileCache();

/** Each command is loaded when it is asked for: most of them need little of the house. */
const commands: Readonly<Record<string, () => Promise<{ run(parameters: string[]): Promise<number> }>>> = {
  up: () => import("./up.ts"),
  down: () => import("./down.ts"),
  status: () => import("./status.ts"),
  server: () => import("./server.ts"),
  version: () => import("./version.ts"),
};

const usage = `k8ts: Kubernetes, written in TypeScript

  k8ts up        start a cluster on this machine, in the background
  k8ts down      stop it and leave nothing behind; its data stay
  k8ts status    say how it does
  k8ts server    run a cluster in the foreground
  k8ts version   say the version

Each command tells more with --help.
`;

async function main([name = "help", ...parameters]: string[]): Promise<number> {
  if (["help", "--help", "-h"].includes(name)) {
    process.stdout.write(usage);
    return 0;
  }
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (load === undefined) {
    process.stderr.write(`k8ts: there is no command "${name}"\n\n${usage}`);
    return 2;
  }
  try {
    return await (await load()).run(parameters);
  } catch (error) {
    process.stderr.write(`k8ts: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

process.exitCode = await main(process.argv.slice(2));
