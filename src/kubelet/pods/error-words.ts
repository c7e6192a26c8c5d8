import { RuntimeError } from "../runtime.ts";

/** An error as events show it in full: with the code of the remote call that failed. */
export function errorText(error: unknown): string {
  if (error instanceof RuntimeError) return `rpc error: code = ${error.rpcCode} desc = ${error.message}`;
  return messageOf(error);
}

/** An error's own words: what status messages show. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
