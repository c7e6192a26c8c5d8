/** The rooms of the source tree: the table in docs/architecture.md, as data that a check enforces. */
export interface Room {
  /** Imports go to lower levels only; rooms of one level from `firstSeparateLevel` up never import each other. */
  readonly level: number;
  /** Rooms that may be imported beside its own. */
  readonly mayImport: readonly string[] | "all";
  /** `neutral` rooms know neither Node nor browser, except in their `*.node.ts` files. */
  readonly globals: "neutral" | "node";
  /** Folders, beside the room's root files, that other rooms may import from. */
  readonly doors?: readonly string[];
}

/** From this level up rooms of one level meet through the API only. */
export const firstSeparateLevel = 5;

const controllerRooms = ["base", "api", "client", "controllerkit", "resources"];
const nodeRooms = ["base", "api", "client", "resources"];

export const rooms: Readonly<Record<string, Room>> = {
  base: { level: 0, mayImport: [], globals: "neutral" },
  api: { level: 1, mayImport: ["base"], globals: "neutral", doors: ["types"] },
  storage: { level: 1, mayImport: ["base"], globals: "neutral" },
  streaming: { level: 1, mayImport: ["base"], globals: "neutral" },
  client: { level: 2, mayImport: ["base", "api", "streaming"], globals: "neutral" },
  printing: { level: 2, mayImport: ["base", "api"], globals: "neutral" },
  controllerkit: { level: 3, mayImport: ["base", "api", "client"], globals: "neutral" },
  resources: { level: 4, mayImport: ["base", "api", "client", "printing", "controllerkit"], globals: "neutral" },
  apiserver: {
    level: 5,
    mayImport: ["base", "api", "storage", "streaming", "client", "printing", "resources"],
    globals: "neutral",
  },
  controllers: { level: 5, mayImport: controllerRooms, globals: "neutral" },
  scheduler: { level: 5, mayImport: controllerRooms, globals: "neutral" },
  kubelet: { level: 5, mayImport: nodeRooms, globals: "neutral" },
  network: { level: 5, mayImport: nodeRooms, globals: "neutral" },
  kubectl: { level: 5, mayImport: ["base", "api", "streaming", "client", "printing", "resources"], globals: "node" },
  machine: { level: 6, mayImport: [...nodeRooms, "streaming", "kubelet"], globals: "node" },
  cluster: { level: 7, mayImport: "all", globals: "node" },
  bin: { level: 8, mayImport: ["base", "cluster", "kubectl"], globals: "node" },
  testing: { level: 9, mayImport: "all", globals: "node" },
};
