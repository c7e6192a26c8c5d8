import { describe, expect, it } from "vitest";
import { FieldPath, fieldError, joinFieldErrors } from "./field-error.ts";

const path = FieldPath.of("spec").child("list").index(0).child("map").key("a/b");

describe("field errors", () => {
  it.each([
    ["a text", fieldError.invalid(path, 'a"b', "why"), 'Invalid value: "a\\"b": why'],
    ["a whole number", fieldError.invalid(path, 1_000_000, "why"), "Invalid value: 1000000: why"],
    ["a fraction", fieldError.invalid(path, 1_234_567.5, "why"), "Invalid value: 1.2345675e+06: why"],
    [
      "a large integer",
      fieldError.invalid(path, 9_223_372_036_854_775_807n, "why"),
      "Invalid value: 9223372036854775807: why",
    ],
    ["nothing", fieldError.invalid(path, undefined, "why"), "Invalid value: null: why"],
    [
      "an object",
      fieldError.invalid(path, { a: ["<&>"] }, "why"),
      'Invalid value: {"a":["\\u003c\\u0026\\u003e"]}: why',
    ],
    [
      "one of a set",
      fieldError.notSupported(path, "x", ["a", "b"]),
      'Unsupported value: "x": supported values: "a", "b"',
    ],
    ["what is missing", fieldError.required(path), "Required value"],
    ["too many", fieldError.tooMany(path, 3, 1), "Too many: 3: must have at most 1 item"],
    ["too few", fieldError.tooFew(path, 0, 2), "Too few: 0: must have at least 2 items"],
    ["too short", fieldError.tooShort(path, 1), "Too short: must be at least 1 character"],
    ["too long", fieldError.tooLongCharacters(path, 5), "Too long: may not be more than 5 characters"],
  ])("say %s in upstream's words", (_name, error, body) => {
    expect([error.field, error.body]).toEqual(["spec.list[0].map[a/b]", body]);
  });

  it("are joined without repeats, in brackets when there are several", () => {
    const [a, b] = [fieldError.required(FieldPath.of("a")), fieldError.required(FieldPath.of("b"))];
    expect([joinFieldErrors([a]), joinFieldErrors([a, b, a])]).toEqual([
      "a: Required value",
      "[a: Required value, b: Required value]",
    ]);
  });
});
