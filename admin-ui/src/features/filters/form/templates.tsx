import type {
  ArrayFieldItemTemplateProps,
  ArrayFieldTemplateProps,
  FieldTemplateProps,
  ObjectFieldTemplateProps,
  WrapIfAdditionalTemplateProps,
} from "@rjsf/utils";
import { ArrowDown, ArrowUp, Plus, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button, IconButton } from "@/ui/button";
import { Input } from "@/ui/field";

/** A schema's words: what stands between backticks is code. */
function Told({ text }: { text: string }) {
  return text.split("`").map((part, place) =>
    place % 2 === 1 ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: parts have no other name than their place
      <code key={place} className="rounded bg-sunken px-1 font-mono text-2xs">
        {part}
      </code>
    ) : (
      part
    ),
  );
}

/** A value with its name, what it means, and what is wrong with it. */
export function FieldTemplate(props: FieldTemplateProps) {
  const { id, label, rawDescription, rawErrors, hidden, displayLabel, required, children, schema } = props;
  if (hidden) return <div className="hidden">{children}</div>;
  const container = schema.type === "object" || (schema.type === "array" && !displayLabel);
  const checkbox = schema.type === "boolean";
  const Wrap = props.registry.templates.WrapIfAdditionalTemplate;
  return (
    <Wrap {...props}>
      <div className="flex min-w-0 flex-col gap-1.5">
        {displayLabel && !container && !checkbox && label && (
          <label htmlFor={id} className="text-sm font-medium">
            {label}
            {required && <span aria-hidden="true"> *</span>}
          </label>
        )}
        {children}
        {!container && rawDescription && (
          <p className="text-sm text-pretty text-subtle">
            <Told text={rawDescription} />
          </p>
        )}
        {rawErrors && rawErrors.length > 0 && (
          <ul role="alert" className="text-sm text-danger-fg">
            {[...new Set(rawErrors)].map((error) => (
              <li key={error}>{error}</li>
            ))}
          </ul>
        )}
      </div>
    </Wrap>
  );
}

export function ObjectFieldTemplate(props: ObjectFieldTemplateProps) {
  const { t } = useTranslation();
  const { title, description, properties, fieldPathId, schema, onAddProperty, disabled, readonly } = props;
  const root = fieldPathId.$id === "root";
  const body = (
    <div className="flex flex-col gap-5">
      {properties.map((each) => (
        <div key={each.name} className={each.hidden ? "hidden" : undefined}>
          {each.content}
        </div>
      ))}
      {schema.additionalProperties !== false &&
        schema.additionalProperties !== undefined &&
        !disabled &&
        !readonly && (
          <Button
            size="sm"
            className="self-start"
            icon={<Plus className="size-3.5" />}
            onClick={onAddProperty}
          >
            {t("filters.config.addKey")}
          </Button>
        )}
    </div>
  );
  if (root) return body;
  return (
    <fieldset className="min-w-0 rounded-lg border p-4">
      {title && <legend className="-ml-1 px-1 text-sm font-semibold">{title}</legend>}
      {description && (
        <p className="mb-4 text-sm text-pretty text-subtle">
          <Told text={String(description)} />
        </p>
      )}
      {body}
    </fieldset>
  );
}

export function ArrayFieldTemplate({
  title,
  schema,
  items,
  canAdd,
  onAddClick,
  disabled,
  readonly,
}: ArrayFieldTemplateProps) {
  const { t } = useTranslation();
  return (
    <fieldset className="min-w-0">
      {title && <legend className="text-sm font-medium">{title}</legend>}
      {schema.description && (
        <p className="mt-0.5 text-sm text-pretty text-subtle">
          <Told text={schema.description} />
        </p>
      )}
      <div className="mt-2 flex flex-col gap-2">{items}</div>
      {canAdd && !disabled && !readonly && (
        <Button size="sm" className="mt-2" icon={<Plus className="size-3.5" />} onClick={onAddClick}>
          {t("filters.config.add")}
        </Button>
      )}
    </fieldset>
  );
}

export function ArrayFieldItemTemplate({ children, buttonsProps, hasToolbar }: ArrayFieldItemTemplateProps) {
  const { t } = useTranslation();
  const {
    hasMoveUp,
    hasMoveDown,
    hasRemove,
    onMoveUpItem,
    onMoveDownItem,
    onRemoveItem,
    disabled,
    readonly,
  } = buttonsProps;
  return (
    <div className="flex items-start gap-2">
      <div className="min-w-0 flex-1">{children}</div>
      {hasToolbar && !disabled && !readonly && (
        <div className="flex shrink-0">
          {(hasMoveUp || hasMoveDown) && (
            <>
              <IconButton
                label={t("filters.config.moveUp")}
                size="sm"
                disabled={!hasMoveUp}
                onClick={onMoveUpItem}
              >
                <ArrowUp className="size-3.5" />
              </IconButton>
              <IconButton
                label={t("filters.config.moveDown")}
                size="sm"
                disabled={!hasMoveDown}
                onClick={onMoveDownItem}
              >
                <ArrowDown className="size-3.5" />
              </IconButton>
            </>
          )}
          {hasRemove && (
            <IconButton label={t("filters.config.removeItem")} size="sm" onClick={onRemoveItem}>
              <X className="size-3.5" />
            </IconButton>
          )}
        </div>
      )}
    </div>
  );
}

/** An entry whose name is free as well. */
export function WrapIfAdditionalTemplate(props: WrapIfAdditionalTemplateProps) {
  const { t } = useTranslation();
  const { schema, label, children, onKeyRenameBlur, onRemoveProperty, disabled, readonly } = props;
  if (!("__additional_property" in schema)) return children;
  return (
    <div className="grid grid-cols-[minmax(0,1fr)_minmax(0,2fr)_auto] items-start gap-2">
      <Input
        aria-label={t("common.name")}
        defaultValue={label}
        disabled={disabled || readonly}
        onBlur={onKeyRenameBlur}
      />
      {children}
      <IconButton
        label={t("filters.config.removeItem")}
        size="sm"
        onClick={onRemoveProperty}
        disabled={disabled || readonly}
      >
        <X className="size-3.5" />
      </IconButton>
    </div>
  );
}
