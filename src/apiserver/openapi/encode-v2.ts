import { isJsonObject, type JsonObject, type JsonValue } from "../../api/json-value.ts";
import { createProtobufMessage, type ProtobufMessage } from "./protobuf-message.ts";

/**
 * Encodes a document of version 2 as the protobuf message `openapi.v2.Document`, which kubectl asks for.
 * Source: the field numbers of OpenAPIv2.proto in google/gnostic-models.
 */
export function encodeV2Document(document: JsonObject): Uint8Array {
  const message = createProtobufMessage();
  message.text(1, text(document["swagger"]));
  message.message(2, (info) => {
    info.text(1, text(object(document["info"])["title"]));
    info.text(2, text(object(document["info"])["version"]));
  });
  message.message(8, (paths) => writeNamed(paths, 2, document["paths"], writePathItem));
  message.message(9, (definitions) => writeNamed(definitions, 1, document["definitions"], writeSchema));
  message.message(10, (parameters) => writeNamed(parameters, 1, document["parameters"], writeParameter));
  for (const requirement of list(document["security"]))
    message.message(12, (written) => writeNamed(written, 1, requirement, () => undefined));
  message.message(13, (securities) => writeNamed(securities, 1, document["securityDefinitions"], writeSecurity));
  return message.finish();
}

type Write = (message: ProtobufMessage, value: JsonObject) => void;

/** Maps are lists of messages with a name and a value. */
function writeNamed(message: ProtobufMessage, field: number, map: JsonValue | undefined, write: Write): void {
  const entries = object(map);
  for (const name of Object.keys(entries))
    message.message(field, (named) => {
      named.text(1, name);
      named.message(2, (value) => write(value, object(entries[name])));
    });
}

const operationFields = { get: 2, put: 3, post: 4, delete: 5, options: 6, head: 7, patch: 8 } as const;

function writePathItem(message: ProtobufMessage, item: JsonObject): void {
  for (const [method, field] of Object.entries(operationFields)) {
    const operation = item[method];
    if (operation !== undefined) message.message(field, (written) => writeOperation(written, object(operation)));
  }
  writeParameterItems(message, 9, item["parameters"]);
}

function writeOperation(message: ProtobufMessage, operation: JsonObject): void {
  const texts = (field: number, name: string): void => {
    for (const value of list(operation[name])) message.text(field, text(value));
  };
  texts(1, "tags");
  message.text(3, text(operation["description"]));
  message.text(5, text(operation["operationId"]));
  texts(6, "produces");
  texts(7, "consumes");
  writeParameterItems(message, 8, operation["parameters"]);
  message.message(9, (responses) => writeNamed(responses, 1, operation["responses"], writeResponse));
  texts(10, "schemes");
  writeExtensions(message, 13, operation);
}

function writeResponse(message: ProtobufMessage, response: JsonObject): void {
  message.message(1, (written) => {
    written.text(1, text(response["description"]));
    const { schema } = response;
    if (schema !== undefined)
      written.message(2, (item) => item.message(1, (inner) => writeSchema(inner, object(schema))));
  });
}

function writeParameterItems(message: ProtobufMessage, field: number, items: JsonValue | undefined): void {
  for (const item of list(items)) {
    const parameter = object(item);
    message.message(field, (written) => {
      if (parameter["$ref"] === undefined) written.message(1, (inner) => writeParameter(inner, parameter));
      else written.message(2, (reference) => reference.text(1, text(parameter["$ref"])));
    });
  }
}

function writeParameter(message: ProtobufMessage, parameter: JsonObject): void {
  const [description, name, place] = [parameter["description"], parameter["name"], parameter["in"]].map(text);
  if (place === "body") {
    message.message(1, (body) => {
      body.text(1, description);
      body.text(2, name);
      body.text(3, place);
      body.bool(4, parameter["required"] === true);
      body.message(5, (schema) => writeSchema(schema, object(parameter["schema"])));
    });
    return;
  }
  // Query and path parameters differ in the numbers of the fields after the name.
  const isQuery = place === "query";
  message.message(2, (nonBody) =>
    nonBody.message(isQuery ? 3 : 4, (written) => {
      written.bool(1, parameter["required"] === true);
      written.text(2, place);
      written.text(3, description);
      written.text(4, name);
      written.text(isQuery ? 6 : 5, text(parameter["type"]));
      written.bool(isQuery ? 20 : 19, parameter["uniqueItems"] === true);
    }),
  );
}

function writeSecurity(message: ProtobufMessage, security: JsonObject): void {
  message.message(2, (apiKey) => {
    for (const [index, name] of ["type", "name", "in", "description"].entries())
      apiKey.text(index + 1, text(security[name]));
  });
}

function writeSchema(message: ProtobufMessage, schema: JsonObject): void {
  message.text(1, text(schema["$ref"]));
  message.text(2, text(schema["format"]));
  message.text(4, text(schema["description"]));
  for (const name of list(schema["required"])) message.text(19, text(name));
  for (const value of list(schema["enum"])) message.message(20, (any) => any.text(2, JSON.stringify(value)));
  const { additionalProperties, type, items, properties } = schema;
  if (additionalProperties !== undefined)
    message.message(21, (item) => item.message(1, (inner) => writeSchema(inner, object(additionalProperties))));
  if (type !== undefined) message.message(22, (item) => item.text(1, text(type)));
  if (items !== undefined) message.message(23, (item) => item.message(1, (inner) => writeSchema(inner, object(items))));
  if (properties !== undefined) message.message(25, (inner) => writeNamed(inner, 1, properties, writeSchema));
  writeExtensions(message, 31, schema);
}

/** Values of extensions are YAML texts, and JSON is YAML. */
function writeExtensions(message: ProtobufMessage, field: number, value: JsonObject): void {
  for (const name of Object.keys(value)) {
    if (!name.startsWith("x-")) continue;
    message.message(field, (named) => {
      named.text(1, name);
      named.message(2, (any) => any.text(2, JSON.stringify(value[name])));
    });
  }
}

function text(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : "";
}

function object(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

function list(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : [];
}
