import { clsx } from "clsx";
import { X } from "lucide-react";
import { useTranslation } from "react-i18next";
import { type FragmentType, graphql, readFragment } from "@/gql";

export const TERM = graphql(`
  fragment TermFacts on SearchTerm {
    kind
    text
    value
    start
    end
  }
`);

/** The query as the engine understood it, part by part; each can be taken out. */
export function Chips({
  terms: refs,
  onRemove,
}: {
  terms: readonly FragmentType<typeof TERM>[];
  onRemove: (text: string) => void;
}) {
  const { t } = useTranslation();
  const terms = readFragment(TERM, refs);
  if (terms.length === 0) return null;
  return (
    <ul className="flex flex-wrap items-center gap-1.5" aria-label={t("search.understood")}>
      {terms.map((term) => (
        <li
          key={`${term.start} ${term.text}`}
          className={clsx(
            "flex h-6 items-center gap-1 rounded-md pl-2 text-sm",
            term.kind === "WORD" || term.kind === "PHRASE" ? "bg-hover" : "bg-accent-soft text-accent-fg",
            term.kind === "EXCLUDED" && "bg-danger-soft! text-danger-fg!",
          )}
        >
          {term.kind !== "WORD" && <span className="opacity-75">{t(`search.term.${term.kind}`)}</span>}
          <span className="font-medium">
            {term.kind === "PHRASE" ? t("common.quoted", { text: term.value }) : term.value}
          </span>
          <button
            type="button"
            aria-label={t("search.removeTerm", { term: term.text })}
            onClick={() => onRemove(term.text)}
            className="flex size-6 items-center justify-center rounded-md hover:bg-hover"
          >
            <X className="size-3" aria-hidden="true" />
          </button>
        </li>
      ))}
    </ul>
  );
}
