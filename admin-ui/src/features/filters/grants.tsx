import { useTranslation } from "react-i18next";
import type { FilterGrant } from "@/gql/graphql";

const ALL: FilterGrant[] = ["LOG", "COUNTERS", "LISTS", "HISTORY"];

/** What a filter may call: each grant with what it means. Without one, a call ends in an error of the filter's. */
export function Grants({ wants = ALL, value, onChange, disabled }: GrantsProps) {
  const { t } = useTranslation();
  if (wants.length === 0) return null;
  return (
    <fieldset disabled={disabled}>
      <legend className="mb-1.5 text-sm font-semibold">{t("filters.config.grants")}</legend>
      <div className="grid gap-2 sm:grid-cols-2">
        {ALL.filter((grant) => wants.includes(grant)).map((grant) => (
          <label
            key={grant}
            className="flex items-start gap-2.5 rounded-lg border px-3 py-2 has-checked:border-accent has-checked:bg-accent-soft/50"
          >
            <input
              type="checkbox"
              className="mt-1 accent-(--accent)"
              checked={value.includes(grant)}
              onChange={(event) =>
                onChange(event.target.checked ? [...value, grant] : value.filter((each) => each !== grant))
              }
            />
            <span>
              <span className="block text-sm font-medium">{t(`words.grant.${grant}`)}</span>
              <span className="block text-sm text-pretty text-muted">{t(`words.grantHint.${grant}`)}</span>
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

type GrantsProps = {
  wants?: readonly FilterGrant[];
  value: readonly FilterGrant[];
  onChange: (grants: FilterGrant[]) => void;
  disabled?: boolean;
};
