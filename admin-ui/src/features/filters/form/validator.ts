import { type Schema, Validator } from "@cfworker/json-schema";
import {
  type CustomValidator,
  createErrorHandler,
  type ErrorTransformer,
  type RJSFSchema,
  type RJSFValidationError,
  toErrorSchema,
  type UiSchema,
  unwrapErrorHandler,
  type ValidationData,
  type ValidatorType,
  validationDataMerge,
} from "@rjsf/utils";

/** Checks by walking the schema: the usual validator compiles code, which the Content-Security-Policy forbids. */
export const validator: ValidatorType = {
  validateFormData(
    formData: unknown,
    schema: RJSFSchema,
    customValidate?: CustomValidator,
    transformErrors?: ErrorTransformer,
    uiSchema?: UiSchema,
  ): ValidationData<unknown> {
    const found = check(schema, formData);
    const errors = transformErrors ? transformErrors(found, uiSchema) : found;
    const data = { errors, errorSchema: toErrorSchema(errors) };
    if (!customValidate) return data;
    const handler = customValidate(formData, createErrorHandler(formData), uiSchema, data.errorSchema);
    return validationDataMerge(data, unwrapErrorHandler(handler));
  },
  isValid(schema, formData, rootSchema) {
    const definitions = { $defs: rootSchema.$defs, definitions: rootSchema.definitions };
    return check({ ...definitions, ...schema }, formData).length === 0;
  },
  rawValidation(schema, formData) {
    return { errors: check(schema, formData) as never[] };
  },
};

/** What is wrong, each with where: the innermost problems only, as the outer ones just repeat them. */
export function check(schema: RJSFSchema, data: unknown): RJSFValidationError[] {
  const { errors } = new Validator(schema as unknown as Schema, "2020-12", false).validate(data ?? {});
  return errors
    .filter(
      (error) => !["properties", "items", "$ref", "allOf", "additionalProperties"].includes(error.keyword),
    )
    .map((error) => {
      const path = error.instanceLocation.replace(/^#\/?/, "").split("/").filter(Boolean).map(plain);
      return {
        name: error.keyword,
        property: path.map((part) => `.${part}`).join(""),
        message: error.error,
        stack: error.error,
        schemaPath: error.keywordLocation,
      };
    });
}

function plain(part: string): string {
  return decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~");
}
