import Form from "@rjsf/core/lib/components/Form.js";
import type { RJSFSchema } from "@rjsf/utils";
import { useMemo } from "react";
import { prepare } from "./prepare";
import {
  ArrayFieldItemTemplate,
  ArrayFieldTemplate,
  FieldTemplate,
  ObjectFieldTemplate,
  WrapIfAdditionalTemplate,
} from "./templates";
import { validator } from "./validator";
import { BaseInput, CheckboxesWidget, CheckboxWidget, LinesWidget, SelectWidget } from "./widgets";

const templates = {
  FieldTemplate,
  ObjectFieldTemplate,
  ArrayFieldTemplate,
  ArrayFieldItemTemplate,
  WrapIfAdditionalTemplate,
  BaseInputTemplate: BaseInput,
};

const widgets = { CheckboxWidget, CheckboxesWidget, SelectWidget, lines: LinesWidget };

/** A form for whatever a JSON Schema describes. */
export function SchemaForm({ schema, value, onChange, disabled }: SchemaFormProps) {
  const made = useMemo(() => prepare(schema as RJSFSchema), [schema]);
  return (
    <Form
      tagName="div"
      schema={made.schema}
      uiSchema={made.uiSchema}
      formData={value}
      validator={validator}
      templates={templates}
      widgets={widgets}
      disabled={disabled}
      liveValidate="onChange"
      showErrorList={false}
      idSeparator="."
      onChange={(event) => onChange(event.formData)}
    />
  );
}

type SchemaFormProps = {
  schema: unknown;
  value: unknown;
  onChange: (value: unknown) => void;
  disabled?: boolean;
};
