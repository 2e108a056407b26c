// What an operator can set: the JSON Schema the host checks a configuration against, and the defaults it states.

export const configSchema = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "first-words",
  type: "object",
  additionalProperties: false,
  properties: {
    words: {
      type: "array",
      items: { type: "string", minLength: 1 },
      default: ["courier", "kurier", "voucher"],
      description: "Words that are not wanted; upper and lower case are alike.",
    },
    confidence: {
      type: "number",
      minimum: 0,
      maximum: 1,
      default: 0.9,
      description: "How sure a finding is.",
    },
    firstContactOnly: {
      type: "boolean",
      default: true,
      description: "Look only at the sender's first message to somebody.",
    },
  },
};

export const defaults = Object.fromEntries(
  Object.entries(configSchema.properties).map(([name, property]) => [name, property.default]),
);
