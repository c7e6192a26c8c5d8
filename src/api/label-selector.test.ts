import { describe, expect, it } from "vitest";
import {
  compileLabelSelector,
  everyLabel,
  formatLabelSelector,
  noLabel,
  parseLabelSelector,
  SelectorError,
  selectLabels,
} from "./label-selector.ts";
import type { LabelSelector } from "./types/meta-v1.ts";

const web = { app: "web", tier: "front", size: "07" };

describe("label selector in string form", () => {
  it.each([
    ["nothing at all", "", "", true],
    ["an exact value", "app=web", "app=web", true],
    ["another value", "app==api", "app==api", false],
    ["a value it must not have", "app != api", "app!=api", true],
    ["a missing label that must not have a value", "zone!=a", "zone!=a", true],
    ["one of several values", "tier in (front, back)", "tier in (back,front)", true],
    ["none of several values", "tier notin (front,back)", "tier notin (back,front)", false],
    ["a missing label not in several values", "zone notin (a)", "zone notin (a)", true],
    ["a label that must be there", "app", "app", true],
    ["a label that must not be there", "!app", "!app", false],
    ["a label that only a prototype has", "constructor", "constructor", false],
    ["a greater number", "size>6", "size>6", true],
    ["a lesser number", "size<7", "size<7", false],
    ["the largest number", "size<9223372036854775807", "size<9223372036854775807", true],
    ["the empty value", "app=", "app=", false],
    ["empty values in a list", "app in (,web,,)", "app in (,web)", true],
    ["operators as names and values", "in in (in,notin),notin", "in in (in,notin),notin", false],
    ["several conditions, sorted by key", "tier=front,app=web", "app=web,tier=front", true],
  ])("understands %s", (_name, text, canonical, matches) => {
    const selector = parseLabelSelector(text);
    expect([selector.toString(), selector.matches(web)]).toEqual([canonical, matches]);
  });

  it.each([
    ["two equal signs", "a=b=c", "found '=', expected: ',' or 'end of string'"],
    ["a word too many", "a==b c", "found 'c', expected: ',' or 'end of string'"],
    ["a list without brackets", "a in x", "unable to parse requirement: found 'x' expected: '('"],
    ["an open list", "a in (a,b", "unable to parse requirement: found '', expected: ',' or ')'"],
    ["a negation of nothing", "!", "unable to parse requirement: found '', expected: identifier"],
    ["a comma alone", ",", "found ',', expected: !, identifier, or 'end of string'"],
    ["a comma too many", "a,,b", "found ',', expected: identifier after ','"],
    ["a word for an operator", "a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
    [
      "a word for a number",
      "a>b",
      `unable to parse requirement: values[0]: Invalid value: "b": for 'Gt', 'Lt' operators, the value must be an integer`,
    ],
    [
      "a number beyond the largest",
      "a>9223372036854775808",
      `unable to parse requirement: values[0]: Invalid value: "9223372036854775808": for 'Gt', 'Lt' operators, the value must be an integer`,
    ],
    [
      "a malformed key",
      "a/b/c=d",
      `unable to parse requirement: <nil>: Invalid value: "a/b/c": a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ],
    [
      "a malformed value",
      "a=-x",
      `unable to parse requirement: values[0][a]: Invalid value: "-x": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')`,
    ],
  ])("refuses %s in upstream's words", (_name, text, message) => {
    expect(() => parseLabelSelector(text)).toThrow(new SelectorError(message));
  });

  it("tells indexes which value a label must have", () => {
    const selector = parseLabelSelector("app=web,tier in (front),zone in (a,b),x!=y");
    expect(["app", "tier", "zone", "x", "other"].map((key) => selector.requiredValue(key))).toEqual([
      "web",
      "front",
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe("label selector in object form", () => {
  const expression = (key: string, operator: string, values: readonly string[] = []) => ({ key, operator, values });

  it.each<[string, LabelSelector | null, string, boolean]>([
    ["none: nothing matches", null, "<none>", false],
    ["empty: everything matches", {}, "<none>", true],
    ["labels", { matchLabels: { tier: "front", app: "web" } }, "app=web,tier=front", true],
    ["an expression", { matchExpressions: [expression("app", "In", ["web", "api"])] }, "app in (api,web)", true],
    ["a label that must be missing", { matchExpressions: [expression("app", "DoesNotExist")] }, "!app", false],
    [
      "both",
      { matchLabels: { app: "web" }, matchExpressions: [expression("tier", "NotIn", ["front"])] },
      "app=web,tier notin (front)",
      false,
    ],
  ])("compiles %s", (_name, selector, text, matches) => {
    expect([formatLabelSelector(selector), compileLabelSelector(selector).matches(web)]).toEqual([text, matches]);
  });

  it.each<[string, LabelSelector, string]>([
    [
      "an operator of another place",
      { matchExpressions: [expression("a", "Gt", ["1"])] },
      '"Gt" is not a valid label selector operator',
    ],
    [
      "a list without values",
      { matchExpressions: [expression("a", "In")] },
      "values: Invalid value: null: for 'in', 'notin' operators, values set can't be empty",
    ],
    [
      "values where none belong",
      { matchExpressions: [expression("a", "Exists", ["b"])] },
      'values: Invalid value: ["b"]: values set must be empty for exists and does not exist',
    ],
  ])("refuses %s in upstream's words", (_name, selector, message) => {
    expect(() => compileLabelSelector(selector)).toThrow(new SelectorError(message));
    expect(formatLabelSelector(selector)).toBe("<error>");
  });

  it("tells nothing and everything apart", () => {
    expect([noLabel.isNothing, noLabel.matches({}), everyLabel.isEverything, everyLabel.matches(null)]).toEqual([
      true,
      false,
      true,
      true,
    ]);
    expect(selectLabels(null).isEverything).toBe(true);
    expect(selectLabels({ app: "web" }).matches(web)).toBe(true);
  });
});
