import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { openSqliteStore } from "../../src/storage/sqlite-store.node.ts";
import { describeStoreContract } from "../../src/storage/store-contract.node.ts";

const root = mkdtempSync(join(tmpdir(), "k8ts-contract-"));
afterAll(() => rmSync(root, { recursive: true }));

let stores = 0;
describeStoreContract(
  "SQLite store",
  (clock) => {
    stores += 1;
    return openSqliteStore({ folder: join(root, `${stores}`), clock });
  },
  { runs: 40, reopen: (clock) => openSqliteStore({ folder: join(root, `${stores}`), clock }) },
);
