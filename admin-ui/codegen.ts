import type { CodegenConfig } from "@graphql-codegen/cli";

const config: CodegenConfig = {
  schema: process.env.RIALTO_SCHEMA ?? "../schema/schema.graphql",
  documents: ["src/**/*.{ts,tsx}", "!src/gql/**"],
  ignoreNoDocuments: true,
  silent: true,
  generates: {
    "./src/gql/": {
      preset: "client",
      presetConfig: { fragmentMasking: { unmaskFunctionName: "readFragment" } },
      config: {
        enumsAsTypes: true,
        useTypeImports: true,
        scalars: { ID: "string", DateTime: "string", JSON: "unknown", Upload: "File" },
      },
    },
    // What the normalised cache must know of the schema: unions, and which types have no id.
    "./src/gql/cache.ts": { plugins: ["./build-tools/cache.mjs"] },
  },
};

export default config;
