// A plugin of GraphQL Code Generator: the few facts about the schema that urql's cache needs, instead of all of it.
import { isAbstractType, isObjectType } from "graphql";

export function plugin(schema) {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const types = Object.values(schema.getTypeMap()).filter((type) => !type.name.startsWith("__"));
  const possible = types
    .filter(isAbstractType)
    .map((type) => [type.name, schema.getPossibleTypes(type).map((each) => each.name)]);
  const keyless = types
    .filter((type) => isObjectType(type) && !roots.includes(type) && !("id" in type.getFields()))
    .map((type) => type.name);
  return [
    `export const possibleTypes: Record<string, string[]> = ${JSON.stringify(Object.fromEntries(possible))};`,
    `export const keyless: string[] = ${JSON.stringify(keyless)};`,
  ].join("\n");
}
