import { extract, type Header, pack } from "tar-stream";

/** One entry of a layer's archive. */
export interface TarEntry {
  /** Relative, without `./` and without a slash at its end. */
  readonly path: string;
  readonly type: "file" | "directory" | "symlink" | "link";
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Of links. */
  readonly linkTo?: string;
  /** Of files. */
  readonly content?: Buffer;
}

/**
 * Packs a layer. Entries are sorted and carry no time, so that the same content always makes the same bytes; folders
 * that are missing above an entry are made.
 */
export async function packLayer(entries: readonly TarEntry[]): Promise<Buffer> {
  const byPath = new Map(withParents(entries).map((entry) => [entry.path, entry]));
  // A hard link has to come after the file that it stands for.
  const isLink = (entry: TarEntry): number => Number(entry.type === "link");
  const sorted = [...byPath.values()].sort((a, b) => isLink(a) - isLink(b) || (a.path < b.path ? -1 : 1));
  const archive = pack();
  const chunks: Buffer[] = [];
  const collected = (async () => {
    for await (const chunk of archive) chunks.push(chunk as Buffer);
  })();
  for (const entry of sorted)
    archive.entry(
      {
        name: entry.type === "directory" ? `${entry.path}/` : entry.path,
        type: entry.type,
        mode: entry.mode,
        uid: entry.uid,
        gid: entry.gid,
        mtime: new Date(0),
        linkname: entry.linkTo ?? "",
      },
      entry.content ?? Buffer.alloc(0),
    );
  archive.finalize();
  await collected;
  return Buffer.concat(chunks);
}

function withParents(entries: readonly TarEntry[]): readonly TarEntry[] {
  const parents = new Map<string, TarEntry>();
  for (const { path } of entries)
    for (let slash = path.indexOf("/"); slash > 0; slash = path.indexOf("/", slash + 1)) {
      const parent = path.slice(0, slash);
      parents.set(parent, { path: parent, type: "directory", mode: 0o755, uid: 0, gid: 0 });
    }
  return [...parents.values(), ...entries];
}

/**
 * Reads an archive's files, folders and links; devices and the like are left out.
 * @param keep says which paths stay
 */
export async function readTar(source: AsyncIterable<Buffer>, keep: (path: string) => boolean): Promise<TarEntry[]> {
  const entries: TarEntry[] = [];
  const archive = extract();
  const feeding = (async () => {
    for await (const chunk of source)
      if (!archive.write(chunk)) await new Promise<void>((resolve) => archive.once("drain", resolve));
    archive.end(undefined);
  })();
  for await (const stream of archive) {
    const content: Buffer[] = [];
    for await (const chunk of stream) content.push(chunk as Buffer);
    const entry = toEntry(stream.header, Buffer.concat(content));
    if (entry !== undefined && keep(entry.path)) entries.push(entry);
  }
  await feeding;
  return entries;
}

function toEntry(header: Header, content: Buffer): TarEntry | undefined {
  const path = trimPath(header.name);
  if (path === "") return undefined;
  const common = { path, mode: header.mode ?? 0o644, uid: header.uid ?? 0, gid: header.gid ?? 0 };
  switch (header.type) {
    case "file":
      return { ...common, type: "file", content };
    case "directory":
      return { ...common, type: "directory" };
    case "symlink":
      return { ...common, type: "symlink", linkTo: header.linkname ?? "" };
    case "link":
      return { ...common, type: "link", linkTo: trimPath(header.linkname ?? "") };
    default:
      return undefined;
  }
}

function trimPath(path: string): string {
  return path.replace(/^(\.?\/)+/, "").replace(/\/+$/, "");
}
