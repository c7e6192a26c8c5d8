import { type FieldError, FieldPath, fieldError } from "../../api/field-error.ts";
import { checkConfigMapKey } from "../../api/names.ts";
import type { ConfigMap } from "../../api/types/core-v1.ts";
import { utf8Length } from "../../api/utf8.ts";
import { decodedBytes, maxDataBytes } from "../data-size.ts";
import { addFaults, sameValue } from "../field-checks.ts";

const dataPath = FieldPath.of("data");
const binaryDataPath = FieldPath.of("binaryData");
/** How a fault of the whole object, not of one field, is told. */
const wholePath = FieldPath.of("[]");
const frozen = "field is immutable when `immutable` is set";

/** What is wrong with a new ConfigMap. */
export function validateConfigMap(configMap: ConfigMap): FieldError[] {
  const errors: FieldError[] = [];
  const { data = {}, binaryData = {} } = configMap;
  let bytes = 0;
  for (const key of Object.keys(data)) {
    addFaults(errors, dataPath.key(key), key, checkConfigMapKey(key));
    if (Object.hasOwn(binaryData, key))
      errors.push(fieldError.invalid(dataPath.key(key), key, "duplicate of key present in binaryData"));
    bytes += utf8Length(data[key] as string);
  }
  for (const key of Object.keys(binaryData)) {
    addFaults(errors, binaryDataPath.key(key), key, checkConfigMapKey(key));
    bytes += decodedBytes(binaryData[key] as string);
  }
  if (bytes > maxDataBytes) errors.push(fieldError.tooLong(wholePath, maxDataBytes));
  return errors;
}

/** What is wrong with a change of a ConfigMap: one that is immutable stays as it is. */
export function validateConfigMapUpdate(configMap: ConfigMap, old: ConfigMap): FieldError[] {
  const errors: FieldError[] = [];
  if (old.immutable === true) {
    if (configMap.immutable !== true) errors.push(fieldError.forbidden(FieldPath.of("immutable"), frozen));
    if (!sameValue(configMap.data, old.data)) errors.push(fieldError.forbidden(dataPath, frozen));
    if (!sameValue(configMap.binaryData, old.binaryData)) errors.push(fieldError.forbidden(binaryDataPath, frozen));
  }
  return [...errors, ...validateConfigMap(configMap)];
}
