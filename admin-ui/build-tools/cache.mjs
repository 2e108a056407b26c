// A plugin of GraphQL Code Generator: the few facts about the schema that urql's cache needs, instead of all of it.
import { GraphQLID, getNamedType, isAbstractType, isObjectType } from "graphql";

/** A signal's `id` is a name that many signals share; only an `ID` is one thing's own. */
function isIdentified(type) {
  const { id } = type.getFields();
  return id !== undefined && getNamedType(id.type) === GraphQLID;
}

export function plugin(schema) {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const types = Object.values(schema.getTypeMap()).filter((type) => !type.name.startsWith("__"));
  const possible = types
    .filter(isAbstractType)
    .map((type) => [type.name, schema.getPossibleTypes(type).map((each) => each.name)]);
  const keyless = types
    .filter((type) => isObjectType(type) && !roots.includes(type) && !isIdentified(type))
    .map((type) => type.name);
  return [
    `export const possibleTypes: Record<string, string[]> = ${JSON.stringify(Object.fromEntries(possible))};`,
    `export const keyless: string[] = ${JSON.stringify(keyless)};`,
  ].join("\n");
}
