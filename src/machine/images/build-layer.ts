import { execFile, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { packLayer, readTar, type TarEntry } from "./layer-tar.ts";
import type { LayerEntry, LayerRecipe, ProgramCopy } from "./recipe.ts";

const run = promisify(execFile);

/** An image could not be made; the message is one sentence for the user. */
export class ImageBuildError extends Error {
  override readonly name = "ImageBuildError";
}

/**
 * Makes the archive of a layer.
 * @param suite Debian's name for the release to take packages from, for example `bookworm`
 * @throws {ImageBuildError}
 */
export async function buildLayer(recipe: LayerRecipe, suite: string, signal?: AbortSignal): Promise<Buffer> {
  switch (recipe.kind) {
    case "packages":
      return packLayer(await unpackPackages(recipe.packages, suite, signal));
    case "programs":
      return packLayer((await Promise.all(recipe.programs.map(copyProgram))).flat());
    case "files":
      return packLayer(recipe.entries.map(fileEntry));
  }
}

function fileEntry(entry: LayerEntry): TarEntry {
  const owner = { uid: 0, gid: 0 };
  if ("linkTo" in entry) return { ...owner, path: entry.path, type: "symlink", mode: 0o777, linkTo: entry.linkTo };
  if ("folder" in entry) {
    const uid = entry.uid ?? 0;
    return { path: entry.path, type: "directory", mode: entry.mode ?? 0o755, uid, gid: uid };
  }
  return { ...owner, path: entry.path, type: "file", mode: entry.mode ?? 0o644, content: Buffer.from(entry.text) };
}

async function copyProgram(program: ProgramCopy): Promise<TarEntry[]> {
  const content = await readFile(program.from).catch((error: unknown) => {
    throw new ImageBuildError(`${program.from} is missing, which an image needs`, { cause: error });
  });
  const entries: TarEntry[] = [{ path: program.to, type: "file", mode: 0o755, uid: 0, gid: 0, content }];
  if (program.appletFolder === undefined) return entries;
  const { stdout } = await run(program.from, ["--list"]);
  for (const applet of stdout.split("\n")) {
    const path = `${program.appletFolder}/${applet}`;
    if (applet !== "" && path !== program.to)
      entries.push({ path, type: "link", mode: 0o755, uid: 0, gid: 0, linkTo: program.to });
  }
  return entries;
}

/** Parts of packages that no container needs. */
const leftOut =
  /^(dev|usr\/share\/(doc|man|info|lintian|locale|bash-completion|bug|menu|perl5\/Debconf|debconf)|usr\/lib\/[^/]+\/(gconv|tc)|var\/(cache|lib\/(apt|dpkg)|log\/apt))(\/|$)/;

async function unpackPackages(packages: readonly string[], suite: string, signal?: AbortSignal): Promise<TarEntry[]> {
  const command = ["--quiet", "--mode=root", "--variant=extract", "--format=tar", `--include=${packages.join(",")}`];
  const child = spawn("mmdebstrap", [...command, suite, "-"], { stdio: ["ignore", "pipe", "pipe"], signal });
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaint = (complaint + text).slice(-maxComplaint);
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  const [entries, code] = await Promise.all([readTar(child.stdout, (path) => !leftOut.test(path)), ended]).catch(
    (error: unknown) => {
      throw new ImageBuildError(`mmdebstrap did not run: ${(error as Error).message}`, { cause: error });
    },
  );
  if (code === 0) return entries;
  const reason = complaint.split("\n").findLast((line) => line.startsWith("E: ")) ?? `exit code ${code}`;
  throw new ImageBuildError(`Debian's packages ${packages.join(", ")} could not be fetched: ${reason}`);
}

/** Bytes kept of what mmdebstrap says. */
const maxComplaint = 16_384;
