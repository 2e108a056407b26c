import type { RJSFSchema, UiSchema } from "@rjsf/utils";

const DEEP = 12;

/**
 * Makes a schema comfortable to fill in: a list of fixed words becomes boxes to tick, a list of texts becomes lines to
 * type. What is valid does not change.
 */
export function prepare(schema: RJSFSchema): { schema: RJSFSchema; uiSchema: UiSchema } {
  const copy = structuredClone(schema);
  return { schema: copy, uiSchema: { ...walk(copy, copy, 0), "ui:submitButtonOptions": { norender: true } } };
}

function walk(schema: RJSFSchema, root: RJSFSchema, depth: number): UiSchema {
  const node = follow(schema, root);
  if (depth > DEEP) return {};
  if (node.type === "array" && typeof node.items === "object" && !Array.isArray(node.items)) {
    const items = follow(node.items as RJSFSchema, root);
    if (Array.isArray(items.enum)) {
      // Only the form's copy: the engine's own schema decides what is valid.
      schema.uniqueItems = true;
      return { "ui:widget": "checkboxes" };
    }
    if (items.type === "string") return { "ui:widget": "lines" };
    return { items: walk(node.items as RJSFSchema, root, depth + 1) };
  }
  const ui: UiSchema = {};
  for (const [name, child] of Object.entries(node.properties ?? {})) {
    if (typeof child === "object") ui[name] = walk(child as RJSFSchema, root, depth + 1);
  }
  if (typeof node.additionalProperties === "object") {
    ui.additionalProperties = walk(node.additionalProperties as RJSFSchema, root, depth + 1);
  }
  return ui;
}

/** What a reference within the schema stands for. */
function follow(schema: RJSFSchema, root: RJSFSchema): RJSFSchema {
  if (typeof schema.$ref !== "string" || !schema.$ref.startsWith("#/")) return schema;
  let found: unknown = root;
  for (const part of schema.$ref.slice(2).split("/"))
    found = (found as Record<string, unknown> | undefined)?.[part];
  return (found as RJSFSchema | undefined) ?? schema;
}
