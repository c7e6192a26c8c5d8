import { createMemoryStore } from "./memory-store.ts";
import { describeStoreContract } from "./store-contract.node.ts";

describeStoreContract("memory store", async (clock) => createMemoryStore({ clock }), { runs: 300 });
