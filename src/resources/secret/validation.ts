import { type FieldError, FieldPath, fieldError } from "../../api/field-error.ts";
import { JsonSyntaxError, parseJsonText } from "../../api/json.ts";
import { isJsonObject, type JsonValue } from "../../api/json-value.ts";
import { checkConfigMapKey } from "../../api/names.ts";
import type { Secret } from "../../api/types/core-v1.ts";
import { decodedBytes, maxDataBytes } from "../data-size.ts";
import { addFaults, requireSame, sameValue } from "../field-checks.ts";

const dataPath = FieldPath.of("data");
const annotationsPath = FieldPath.of("metadata").child("annotations");
const frozen = "field is immutable when `immutable` is set";

/** What a secret's type promises of its data. */
export const secretTypes = {
  opaque: "Opaque",
  serviceAccountToken: "kubernetes.io/service-account-token",
  dockerConfig: "kubernetes.io/dockercfg",
  dockerConfigJson: "kubernetes.io/dockerconfigjson",
  basicAuth: "kubernetes.io/basic-auth",
  sshAuth: "kubernetes.io/ssh-auth",
  tls: "kubernetes.io/tls",
} as const;

/** The annotation that names the account of a token. */
const accountAnnotation = "kubernetes.io/service-account.name";

/** What is wrong with a new secret. */
export function validateSecret(secret: Secret): FieldError[] {
  const errors: FieldError[] = [];
  const { data = {} } = secret;
  let bytes = 0;
  for (const key of Object.keys(data)) {
    addFaults(errors, dataPath.key(key), key, checkConfigMapKey(key));
    bytes += decodedBytes(data[key] as string);
  }
  if (bytes > maxDataBytes) errors.push(fieldError.tooLong(dataPath, maxDataBytes));
  checkType(errors, secret);
  return errors;
}

/** What is wrong with a change of a secret: its type stays, and so does all of it when it is immutable. */
export function validateSecretUpdate(secret: Secret, old: Secret): FieldError[] {
  const errors: FieldError[] = [];
  requireSame(errors, FieldPath.of("type"), secret.type ?? "", old.type ?? "");
  if (old.immutable === true) {
    if (secret.immutable !== true) errors.push(fieldError.forbidden(FieldPath.of("immutable"), frozen));
    if (!sameValue(secret.data, old.data)) errors.push(fieldError.forbidden(dataPath, frozen));
  }
  return [...errors, ...validateSecret(secret)];
}

function checkType(errors: FieldError[], secret: Secret): void {
  const { data = {}, type } = secret;
  const requireKeys = (...keys: readonly string[]): void => {
    for (const key of keys) if (!Object.hasOwn(data, key)) errors.push(fieldError.required(dataPath.key(key)));
  };
  switch (type) {
    case secretTypes.serviceAccountToken:
      if ((secret.metadata.annotations?.[accountAnnotation] ?? "") === "")
        errors.push(fieldError.required(annotationsPath.key(accountAnnotation)));
      break;
    case secretTypes.dockerConfig:
      checkJson(errors, ".dockercfg", data);
      break;
    case secretTypes.dockerConfigJson:
      checkJson(errors, ".dockerconfigjson", data);
      break;
    case secretTypes.basicAuth:
      // Either may be missing, but not both.
      if (!Object.hasOwn(data, "username") && !Object.hasOwn(data, "password")) requireKeys("username", "password");
      break;
    case secretTypes.sshAuth:
      if ((data["ssh-privatekey"] ?? "") === "") errors.push(fieldError.required(dataPath.key("ssh-privatekey")));
      break;
    case secretTypes.tls:
      requireKeys("tls.crt", "tls.key");
      break;
    default:
  }
}

function checkJson(errors: FieldError[], key: string, data: Readonly<Record<string, string>>): void {
  const path = dataPath.key(key);
  const base64 = data[key];
  if (base64 === undefined) {
    errors.push(fieldError.required(path));
    return;
  }
  const fault = jsonFault(decodeText(base64));
  if (fault !== undefined) errors.push(fieldError.invalid(path, "<secret contents redacted>", fault));
}

/** Why a text is no JSON object, in the words of Go's decoder; undefined when it is one. */
function jsonFault(text: string): string | undefined {
  let value: JsonValue;
  try {
    ({ value } = parseJsonText(text));
  } catch (error) {
    if (error instanceof JsonSyntaxError) return error.message;
    throw error;
  }
  if (value === null || isJsonObject(value)) return undefined;
  const kind = Array.isArray(value) ? "array" : typeof value === "boolean" ? "bool" : typeof value;
  return `json: cannot unmarshal ${kind} into Go value of type map[string]interface {}`;
}

function decodeText(base64: string): string {
  return new TextDecoder().decode(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)));
}
