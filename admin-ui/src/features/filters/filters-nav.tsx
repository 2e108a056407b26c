import { Link, useNavigate, useRouterState } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useActions } from "@/lib/keys/actions";

const PLACES = [
  { id: "filters", to: "/filters", keys: "f f" },
  { id: "decisions", to: "/decisions", keys: "f d" },
  { id: "policy", to: "/policy", keys: "f p" },
  { id: "backtests", to: "/backtests", keys: "f b" },
  { id: "lists", to: "/lists", keys: "f l" },
  { id: "try", to: "/try", keys: "f t" },
] as const;

/** The screens about filters, side by side. */
export function FiltersNav() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  useActions(
    PLACES.map((place) => ({
      id: `filters.${place.id}`,
      title: t(`filters.nav.${place.id}`),
      group: t("filters.title"),
      keys: place.keys,
      run: () => void navigate({ to: place.to }),
    })),
  );
  const here = useRouterState({ select: ({ location }) => location.pathname });
  const bar = useRef<HTMLElement>(null);
  // Where there is no room for all, the one that is open is in view.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another screen is another open one
  useEffect(() => {
    bar.current
      ?.querySelector("[data-status=active]")
      ?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [here]);
  return (
    <nav
      ref={bar}
      aria-label={t("filters.nav.label")}
      className="flex shrink-0 gap-1 overflow-x-auto border-b bg-canvas px-2 [scrollbar-width:none] lg:px-4"
    >
      {PLACES.map((place) => (
        <Link
          key={place.id}
          to={place.to}
          activeOptions={{ exact: place.id === "filters", includeSearch: false }}
          className="-mb-px flex h-10 shrink-0 items-center border-b-2 border-transparent px-2 text-sm font-medium whitespace-nowrap text-muted -outline-offset-2! hover:text-fg data-[status=active]:border-accent data-[status=active]:text-fg"
        >
          {t(`filters.nav.${place.id}`)}
        </Link>
      ))}
    </nav>
  );
}
