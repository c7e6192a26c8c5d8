import type { ParsedJson } from "./json.ts";
import { createJsonEditor, type JsonEditor } from "./json-patch/editor.ts";
import { decodeOperations, type JsonPatchOperation } from "./json-patch/operation.ts";
import { copyJson, equalJson, type JsonValue } from "./json-value.ts";
import { PatchError } from "./patch-error.ts";
import { utf8Length } from "./utf8.ts";

export type { JsonPatchOperation };

/** Most operations of one patch. */
export const maxJsonPatchOperations = 10_000;

/** How far the copies of one patch may let a document grow, in bytes of JSON. */
export const maxJsonPatchCopyBytes = 3 * 1024 * 1024;

/** A patch as it was read, and what a strict reader objects to. */
export interface DecodedJsonPatch {
  readonly operations: readonly JsonPatchOperation[];
  /** For example `json patch unknown field "[0].foo"`; empty unless read strictly. */
  readonly problems: readonly string[];
}

/**
 * Reads an RFC 6902 patch from parsed JSON.
 * @param strict true unless the request says `fieldValidation=Ignore`: types of members are checked, unknown members reported
 * @param repeatedKeys what `parseJson` says of repeated members, which a strict reader reports too
 * @throws {PatchError} 400 when it is no list of operations, 413 when it has too many
 */
export function decodeJsonPatch(
  value: unknown,
  strict: boolean,
  repeatedKeys?: ParsedJson["repeatedKeys"],
): DecodedJsonPatch {
  const patch = decodeOperations(value, strict, repeatedKeys);
  const count = patch.operations.length;
  if (count > maxJsonPatchOperations)
    throw new PatchError(
      413,
      `The allowed maximum operations in a JSON patch is ${maxJsonPatchOperations}, got ${count}`,
    );
  return patch;
}

/**
 * Applies operations in order and gives the new document; the old one, which may be frozen, is left as it is and
 * shares its untouched parts. Behaves as upstream's library does where RFC 6902 says otherwise: negative indexes count from
 * the end, `replace` of a missing member adds it, `test` of a missing member finds null, and what stands before the first `/`
 * of a path is ignored.
 * @throws {PatchError} 422 when an operation does not apply
 */
export function applyJsonPatch(document: JsonValue, operations: readonly JsonPatchOperation[]): JsonValue {
  const editor = createJsonEditor(document);
  let copiedBytes = 0;
  for (const operation of operations) {
    if (operation.op === "copy") copiedBytes = copy(editor, operation, copiedBytes);
    else applyOperation(editor, operation);
  }
  return editor.document();
}

function applyOperation(editor: JsonEditor, operation: JsonPatchOperation): void {
  switch (operation.op) {
    case "add":
      return add(editor, operation);
    case "remove":
      return remove(editor, operation);
    case "replace":
      return replace(editor, operation);
    case "move":
      return move(editor, operation);
    case "test":
      return test(editor, operation);
    default:
      throw new PatchError(422, `Unexpected kind: ${operation.op}`);
  }
}

function add(editor: JsonEditor, operation: JsonPatchOperation): void {
  const path = required(operation.path, "add operation failed to decode path: missing value");
  const target = editor.open(path);
  if (target === undefined) throw missing(`add operation does not apply: doc is missing path: "${path}"`);
  explain(`error in add for path: '${path}'`, () => target.add(operation.value ?? null));
}

function remove(editor: JsonEditor, operation: JsonPatchOperation): void {
  const path = required(operation.path, "remove operation failed to decode path: missing value");
  const target = editor.open(path);
  if (target === undefined) throw missing(`remove operation does not apply: doc is missing path: "${path}"`);
  explain(`error in remove for path: '${path}'`, () => target.remove());
}

function replace(editor: JsonEditor, operation: JsonPatchOperation): void {
  const path = required(operation.path, `replace operation failed to decode path: ${noPath}`);
  const value = operation.value ?? null;
  if (path === "") {
    if (typeof value !== "object" || value === null)
      throw new PatchError(422, "replace operation value must be object or array");
    editor.replaceDocument(value);
    return;
  }
  const target = editor.open(path);
  if (target === undefined) throw missing(`replace operation does not apply: doc is missing path: ${path}`);
  try {
    target.get();
  } catch (error) {
    throw missing(`replace operation does not apply: doc is missing key: ${path}`, error);
  }
  target.set(value);
}

function move(editor: JsonEditor, operation: JsonPatchOperation): void {
  const from = required(operation.from, `move operation failed to decode from: ${noFrom}`);
  const source = editor.open(from);
  if (source === undefined) throw missing(`move operation does not apply: doc is missing from path: ${from}`);
  const value = explain(`error in move for path: '${source.key}'`, () => {
    const found = source.get() ?? null;
    source.remove();
    return found;
  });
  const path = required(operation.path, `move operation failed to decode path: ${noPath}`);
  const target = editor.open(path);
  if (target === undefined) throw missing(`move operation does not apply: doc is missing destination path: ${path}`);
  explain(`error in move for path: '${path}'`, () => target.add(value));
}

function copy(editor: JsonEditor, operation: JsonPatchOperation, copiedBytes: number): number {
  const from = required(operation.from, `copy operation failed to decode from: ${noFrom}`);
  const source = editor.open(from);
  if (source === undefined) throw missing(`copy operation does not apply: doc is missing from path: ${from}`);
  const value = explain(`error in copy for from: '${from}'`, () => source.get() ?? null);
  const path = required(operation.path, "copy operation failed to decode path: missing value");
  const target = editor.open(path);
  if (target === undefined) throw missing(`copy operation does not apply: doc is missing destination path: ${path}`);
  const grownBytes = copiedBytes + (value === null ? 0 : utf8Length(JSON.stringify(value)));
  if (grownBytes > maxJsonPatchCopyBytes)
    throw new PatchError(
      422,
      `Unable to complete the copy, the accumulated size increase of copy is ${grownBytes}, exceeding the limit ${maxJsonPatchCopyBytes}`,
    );
  explain("error while adding value during copy", () => target.add(copyJson(value)));
  return grownBytes;
}

function test(editor: JsonEditor, operation: JsonPatchOperation): void {
  const path = required(operation.path, `test operation failed to decode path: ${noPath}`);
  const value = operation.value ?? null;
  const failed = new PatchError(422, `testing value ${path} failed: test failed`);
  if (path === "") {
    if (equalJson(editor.document(), value)) return;
    throw failed;
  }
  const target = editor.open(path);
  if (target === undefined) throw missing(`test operation does not apply: is missing path: ${path}`);
  const found = explain(`error in test for path: '${path}'`, () => target.get() ?? null);
  if (!equalJson(found, value)) throw failed;
}

const noPath = "operation missing path field: missing value";
const noFrom = "operation, missing from field: missing value";

function required(text: string | undefined, message: string): string {
  if (text === undefined) throw new PatchError(422, message);
  return text;
}

function missing(message: string, cause?: unknown): PatchError {
  return new PatchError(422, `${message}: missing value`, { cause });
}

/** Says where an operation failed. */
function explain<T>(where: string, step: () => T): T {
  try {
    return step();
  } catch (error) {
    if (!(error instanceof PatchError)) throw error;
    throw new PatchError(422, `${where}: ${error.message}`, { cause: error });
  }
}
