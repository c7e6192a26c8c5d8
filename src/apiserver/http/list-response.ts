import type { ListPage } from "../read/list.ts";
import type { ServedResource } from "../resource-table.ts";
import { type AnswerForm, sendValue } from "./answer-writer.ts";
import { joinParts } from "./bytes.ts";
import type { HttpExchange } from "./exchange.ts";
import { listValue, renderList } from "./list-body.ts";

/** Bytes that are handed to the socket at a time. */
const chunkBytes = 128 * 1024;

/** Sends a list as it is made, no faster than the client takes it. */
export async function sendList(
  exchange: HttpExchange,
  served: ServedResource,
  page: ListPage,
  form: AnswerForm,
  signal: AbortSignal,
): Promise<void> {
  const listForm = {
    as: form.mediaType.as,
    includeObject: form.includeObject,
    pretty: form.pretty,
    nowMs: form.nowMs,
  };
  if (form.mediaType.encoding === "yaml") return sendValue(exchange, 200, listValue(served, page, listForm), form);
  const headers = { ...form.headers, "content-type": "application/json" };
  const chunks = joinParts(renderList(served, page, listForm), chunkBytes);
  const first = chunks.next();
  if (first.done === true) return exchange.send(200, headers, []);
  let next = chunks.next();
  if (next.done === true) return exchange.send(200, headers, [first.value]);

  const stream = exchange.open(200, headers, true);
  let flows = stream.write(first.value);
  while (next.done !== true) {
    if (!flows) await new Promise<void>((resolve) => stream.onDrain(resolve));
    if (signal.aborted) return stream.abort();
    flows = stream.write(next.value);
    next = chunks.next();
  }
  stream.end();
}
