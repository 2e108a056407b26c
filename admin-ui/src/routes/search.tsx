import { useNavigate, useSearch } from "@tanstack/react-router";
import { Database, Search as SearchIcon, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { IndexDialog } from "@/features/search/index-dialog";
import { IndexState } from "@/features/search/index-state";
import { ConversationResults, MessageResults } from "@/features/search/results";
import { useViewer } from "@/features/session/session";
import { may } from "@/lib/access";
import { useActions } from "@/lib/keys/actions";
import { IconButton } from "@/ui/button";
import { Empty } from "@/ui/feedback";
import { Select } from "@/ui/field";
import { usePageTitle } from "@/ui/page";
import { Segments } from "@/ui/tabs";

/** Search: the query is in the address, so a search can be sent to a colleague. */
export default function SearchRoute() {
  const { t } = useTranslation();
  const { q = "", order, in: where = "messages" } = useSearch({ from: "/search" });
  const navigate = useNavigate({ from: "/search" });
  const [text, setText] = useState(q);
  const box = useRef<HTMLInputElement>(null);
  usePageTitle(q ? `${q} · ${t("search.title")}` : t("search.title"));

  // The address follows what is typed, and what is typed follows the address (a chip, the palette, the back button).
  const typed = useRef(q);
  useEffect(() => {
    if (q === typed.current) return;
    typed.current = q;
    setText(q);
  }, [q]);
  useEffect(() => {
    if (text.trim() === typed.current) return;
    const timer = setTimeout(() => {
      typed.current = text.trim();
      void navigate({ search: (before) => ({ ...before, q: text.trim() || undefined }), replace: true });
    }, 250);
    return () => clearTimeout(timer);
  }, [text, navigate]);
  useEffect(() => box.current?.focus(), []);

  const put = (next: string) => {
    setText(next);
    box.current?.focus();
  };
  const admin = may(useViewer().role, "rebuild search");
  const [index, setIndex] = useState(false);
  useActions([
    admin && {
      id: "search.index",
      title: t("search.index.open"),
      group: t("shell.group.here"),
      icon: <Database className="size-4" />,
      run: () => setIndex(true),
    },
    {
      id: "search.focus",
      title: t("search.focus"),
      group: t("shell.group.here"),
      keys: "/",
      run: () => box.current?.focus(),
    },
  ]);

  return (
    <div className="flex h-full min-h-0 flex-col">
      <header className="shrink-0 border-b">
        <div className="mx-auto flex w-full max-w-5xl flex-col gap-2.5 px-4 py-3 lg:px-6">
          <h1 className="sr-only">{t("search.title")}</h1>
          <div className="flex items-center gap-2 rounded-lg border border-line-strong bg-surface px-3 focus-within:border-focus focus-within:outline-2 focus-within:outline-focus/35">
            <SearchIcon className="size-4 shrink-0 text-subtle" aria-hidden="true" />
            <input
              ref={box}
              type="search"
              value={text}
              onChange={(event) => setText(event.target.value)}
              onKeyDown={(event) => event.key === "Escape" && event.currentTarget.blur()}
              aria-label={t("search.title")}
              placeholder={t("search.placeholder")}
              className="h-10 min-w-0 flex-1 bg-transparent text-lg outline-none max-sm:text-[16px] [&::-webkit-search-cancel-button]:hidden"
            />
            {text && (
              <IconButton label={t("search.clear")} size="sm" onClick={() => put("")}>
                <X className="size-4" />
              </IconButton>
            )}
          </div>
          <div className="flex flex-wrap items-center gap-2">
            <Segments
              label={t("search.where")}
              value={where}
              onChange={(next) =>
                void navigate({
                  search: (before) => ({ ...before, in: next === "conversations" ? next : undefined }),
                })
              }
              options={[
                { id: "messages", label: t("search.messages") },
                { id: "conversations", label: t("search.conversations") },
              ]}
            />
            {where === "messages" && (
              <Select
                aria-label={t("search.order")}
                value={order ?? ""}
                onChange={(event) =>
                  void navigate({
                    search: (before) => ({
                      ...before,
                      order: event.target.value === "newest" ? "newest" : undefined,
                    }),
                  })
                }
              >
                <option value="">{t("search.relevance")}</option>
                <option value="newest">{t("search.newest")}</option>
              </Select>
            )}
            {admin && (
              <IconButton label={t("search.index.open")} className="ml-auto" onClick={() => setIndex(true)}>
                <Database className="size-4" />
              </IconButton>
            )}
          </div>
        </div>
      </header>
      <IndexState />
      {admin && <IndexDialog open={index} onClose={() => setIndex(false)} />}
      <div className="flex min-h-0 flex-1 flex-col">
        {q === "" ? (
          <Idle onPut={put} />
        ) : where === "messages" ? (
          <MessageResults query={q} order={order === "newest" ? "NEWEST" : "RELEVANCE"} onQuery={put} />
        ) : (
          <ConversationResults query={q} onQuery={put} />
        )}
      </div>
    </div>
  );
}

const OPERATORS = ["from", "with", "listing", "category", "kind", "before", "after", "verdict"] as const;

/** What can be asked, ready to be clicked. */
function Idle({ onPut }: { onPut: (text: string) => void }) {
  const { t } = useTranslation();
  const examples: [string, string, string][] = [
    ...OPERATORS.map((name): [string, string, string] => [
      `${name}:`,
      t(`search.operators.${name}`),
      `${name}:`,
    ]),
    [t("common.quoted", { text: "…" }), t("search.operators.phrase"), '""'],
    ["-…", t("search.operators.without"), "-"],
  ];
  return (
    <div className="overflow-y-auto">
      <Empty icon={<SearchIcon />} title={t("search.idle")} className="pb-6!">
        {t("search.idleLead")}
      </Empty>
      <ul className="mx-auto grid max-w-2xl gap-1 px-4 pb-10 sm:grid-cols-2">
        {examples.map(([shown, meaning, put]) => (
          <li key={shown}>
            <button
              type="button"
              onClick={() => onPut(put)}
              className="flex w-full items-center gap-3 rounded-md px-2 py-1.5 text-left text-sm hover:bg-hover"
            >
              <code className="w-20 shrink-0 rounded bg-sunken px-1.5 py-0.5 font-mono text-2xs">
                {shown}
              </code>
              <span className="text-muted">{meaning}</span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
