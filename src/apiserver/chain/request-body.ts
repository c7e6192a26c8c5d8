import { DecodeError, decodeObject } from "../../api/decode.ts";
import { goQuote } from "../../api/go-quote.ts";
import type { StructSchema } from "../../api/schema.ts";
import { badRequest } from "../../api/status-error.ts";
import type { ObjectDraft } from "../registry/write-request.ts";

/** The kind that a body has to be. */
export interface BodyKind {
  readonly apiVersion: string;
  readonly kind: string;
  readonly schema: StructSchema;
  /** Versions of the kind that are no longer served, but read all the same because they look alike. */
  readonly oldVersions?: readonly string[];
}

/** The body of a create or update, on its way to becoming an object. */
export interface RequestBody {
  /**
   * Reads the body as an object of a kind: a new one each time.
   * @throws {StatusError} BadRequest when it is none, or has unknown fields and they are not allowed
   */
  read(kind: BodyKind): ObjectDraft;
}

/** What is said of a kind that nobody knows. */
export function unknownKind(apiVersion: string, kind: string): string {
  return `no kind ${goQuote(kind)} is registered for version ${goQuote(apiVersion)} in scheme "pkg/runtime/scheme.go:111"`;
}

/** A body that is an object in memory already. Unknown fields are dropped, since its type does not allow any. */
export function valueBody(value: unknown): RequestBody {
  return {
    read({ apiVersion, kind, schema }) {
      try {
        const { object } = decodeObject<ObjectDraft>(schema, value);
        return { ...object, kind, apiVersion };
      } catch (error) {
        if (!(error instanceof DecodeError)) throw error;
        const version = apiVersion.slice(apiVersion.indexOf("/") + 1);
        throw badRequest(`${kind} in version "${version}" cannot be handled as a ${kind}: ${error.message}`);
      }
    },
  };
}
