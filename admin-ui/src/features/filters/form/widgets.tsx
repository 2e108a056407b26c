import type { BaseInputTemplateProps, WidgetProps } from "@rjsf/utils";
import { Select as Choice, Input, Textarea } from "@/ui/field";
import { Switch } from "@/ui/switch";

/** Texts and numbers. */
export function BaseInput({
  id,
  value,
  onChange,
  schema,
  disabled,
  readonly,
  required,
  rawErrors,
}: BaseInputTemplateProps) {
  const number = schema.type === "number" || schema.type === "integer";
  return (
    <Input
      id={id}
      type={number ? "number" : "text"}
      step={schema.type === "integer" ? 1 : "any"}
      min={schema.minimum}
      max={schema.maximum}
      disabled={disabled || readonly}
      required={required}
      aria-invalid={rawErrors && rawErrors.length > 0 ? true : undefined}
      value={value ?? ""}
      className={number ? "w-40!" : undefined}
      onChange={(event) => {
        const text = event.target.value;
        if (text === "") onChange(undefined);
        else onChange(number ? Number(text) : text);
      }}
    />
  );
}

export function CheckboxWidget({ id, value, onChange, label, disabled, readonly }: WidgetProps) {
  return (
    <span className="flex items-center gap-3 text-sm font-medium">
      <Switch
        id={id}
        checked={value === true}
        onChange={onChange}
        disabled={disabled || readonly}
        label={label}
      />
      <span aria-hidden="true">{label}</span>
    </span>
  );
}

/** Some of a fixed set. */
export function CheckboxesWidget({ id, value, onChange, options, disabled, readonly }: WidgetProps) {
  const chosen: unknown[] = Array.isArray(value) ? value : [];
  const all = options.enumOptions ?? [];
  return (
    <span id={id} className="flex flex-wrap gap-1.5">
      {all.map((option) => {
        const on = chosen.includes(option.value);
        return (
          <label
            key={option.label}
            className="flex h-7 items-center gap-1.5 rounded-md border px-2 text-sm has-checked:border-accent has-checked:bg-accent-soft/60 has-focus-visible:outline-2 has-focus-visible:outline-focus"
          >
            <input
              type="checkbox"
              className="accent-(--accent)"
              checked={on}
              disabled={disabled || readonly}
              onChange={() =>
                // In the schema's own order, so that ticking twice changes nothing.
                onChange(
                  all
                    .map((each) => each.value)
                    .filter((each) => (each === option.value ? !on : chosen.includes(each))),
                )
              }
            />
            {option.label}
          </label>
        );
      })}
    </span>
  );
}

export function SelectWidget({ id, value, onChange, options, disabled, readonly, required }: WidgetProps) {
  const all = options.enumOptions ?? [];
  const place = all.findIndex((option) => option.value === value);
  return (
    <Choice
      id={id}
      className="max-w-sm"
      disabled={disabled || readonly}
      value={place === -1 ? "" : String(place)}
      onChange={(event) => onChange(all[Number(event.target.value)]?.value)}
    >
      {(!required || place === -1) && <option value="">–</option>}
      {all.map((option, index) => (
        <option key={option.label} value={index}>
          {option.value === null ? "–" : option.label}
        </option>
      ))}
    </Choice>
  );
}

/** Texts, one per line. */
export function LinesWidget({ id, value, onChange, disabled, readonly, rawErrors }: WidgetProps) {
  const lines: string[] = Array.isArray(value) ? value : [];
  return (
    <Textarea
      id={id}
      rows={Math.min(10, Math.max(2, lines.length + 1))}
      spellCheck={false}
      disabled={disabled || readonly}
      aria-invalid={rawErrors && rawErrors.length > 0 ? true : undefined}
      defaultValue={lines.join("\n")}
      onChange={(event) =>
        onChange(
          event.target.value
            .split("\n")
            .map((line) => line.trim())
            .filter(Boolean),
        )
      }
      className="font-mono text-sm!"
    />
  );
}
