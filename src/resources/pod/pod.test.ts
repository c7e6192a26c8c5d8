import { describe, expect, it } from "vitest";
import { answerOf, expectedAnswer, type ResourceCase } from "../../testing/resource-cases.ts";
import createCases from "./data/create-cases.json" with { type: "json" };
import updateCases from "./data/update-cases.json" with { type: "json" };
import { podDefinition } from "./definition.ts";

describe("pod that is created", () => {
  it.each(createCases as readonly ResourceCase[])("is answered as upstream does: $name", (write) => {
    expect(answerOf(podDefinition, write)).toEqual(expectedAnswer(write));
  });
});

describe("pod that is changed", () => {
  it.each(updateCases as readonly ResourceCase[])("is answered as upstream does: $name", (write) => {
    expect(answerOf(podDefinition, write)).toEqual(expectedAnswer(write));
  });
});
