import type { RJSFSchema } from "@rjsf/utils";
import { expect, test } from "vitest";
import { prepare } from "./prepare";
import { check } from "./validator";

const schema = {
  type: "object",
  additionalProperties: false,
  $defs: { word: { type: "string", minLength: 2 } },
  properties: {
    share: { type: "number", minimum: 0, maximum: 1 },
    words: { type: "array", items: { $ref: "#/$defs/word" } },
    find: { type: "array", items: { enum: ["phone", "email"] } },
    lists: {
      type: "array",
      items: { type: "object", properties: { names: { type: "array", items: { type: "string" } } } },
    },
  },
};

test("problems are found where they are, through references too", () => {
  expect(check(schema as RJSFSchema, { share: 0.5, words: ["ok"] })).toEqual([]);
  expect(check(schema as RJSFSchema, { share: 7 }).map((each) => each.property)).toEqual([".share"]);
  expect(check(schema as RJSFSchema, { words: ["ok", "x"] }).map((each) => each.property)).toEqual([
    ".words.1",
  ]);
});

test("lists become what is comfortable to fill in, also inside of others", () => {
  const { uiSchema, schema: copy } = prepare(schema as RJSFSchema);
  expect(uiSchema.words).toEqual({ "ui:widget": "lines" });
  expect(uiSchema.find).toEqual({ "ui:widget": "checkboxes" });
  expect(uiSchema.lists.items.names).toEqual({ "ui:widget": "lines" });
  expect(copy.properties).toMatchObject({ find: { uniqueItems: true } });
  expect(schema.properties, "the engine's schema stays as it is").not.toMatchObject({
    find: { uniqueItems: true },
  });
});
