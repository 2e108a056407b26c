import { Link, useRouterState } from "@tanstack/react-router";
import { clsx } from "clsx";
import { Keyboard, PanelLeftClose, PanelLeftOpen, Search } from "lucide-react";
import { useTranslation } from "react-i18next";
import { compact } from "@/lib/format";
import { IconButton } from "@/ui/button";
import { Keys } from "@/ui/keys";
import { Mark } from "@/ui/mark";
import { Tip } from "@/ui/tip";
import { AccountMenu } from "./account-menu";
import type { LiveCounts } from "./live-counts";
import type { Place } from "./places";

export type NavProps = { places: Place[]; counts: LiveCounts | undefined; onPalette: () => void };

/** The way around, from tablets up. Narrow screens and who likes it get pictures only. */
export function Sidebar({ places, counts, folded, onFold, onPalette, onKeys }: SidebarProps) {
  const { t } = useTranslation();
  // Below `lg` there is room for pictures only.
  const wide = !folded;
  return (
    <nav
      aria-label={t("shell.nav.label")}
      className={clsx(
        "hidden shrink-0 flex-col border-r bg-sunken max-md:hidden md:flex",
        wide ? "w-14 lg:w-56" : "w-14",
      )}
    >
      <div className={clsx("flex h-13 items-center gap-2.5 px-3.5", !wide && "justify-center px-0!")}>
        <Mark className="size-7" />
        {wide && <span className="flex-1 text-lg font-semibold tracking-tight max-lg:hidden">Rialto</span>}
        {wide && (
          <IconButton
            label={t("shell.collapse")}
            keys="["
            size="sm"
            onClick={onFold}
            className="max-lg:hidden"
          >
            <PanelLeftClose className="size-4" />
          </IconButton>
        )}
      </div>
      <div className="px-2 pb-2">
        <Tip text={t("shell.palette.open")} keys="mod+k" side="right">
          <button
            type="button"
            onClick={onPalette}
            className={clsx(
              "flex h-8 w-full items-center gap-2 rounded-md border bg-surface px-2.5 text-sm text-subtle hover:border-line-strong hover:text-fg",
              wide ? "max-lg:justify-center max-lg:px-0" : "justify-center px-0!",
            )}
          >
            <Search className="size-4 shrink-0" aria-hidden="true" />
            <span className={wide ? "flex-1 truncate text-left max-lg:sr-only" : "sr-only"}>
              {t("shell.palette.short")}
            </span>
            {wide && <Keys keys="mod+k" className="max-lg:hidden" />}
          </button>
        </Tip>
      </div>
      <ul className="flex min-h-0 flex-1 flex-col gap-0.5 overflow-y-auto px-2">
        {places.map((place) => (
          <li key={place.id} className={clsx(place.id === "help" && "mt-auto")}>
            <NavLink place={place} wide={wide} badge={badgeOf(place, counts)} />
          </li>
        ))}
      </ul>
      <div className={clsx("flex items-center gap-1 border-t p-2", wide ? "max-lg:flex-col" : "flex-col")}>
        <AccountMenu wide={wide} />
        {!wide && (
          <IconButton label={t("shell.expand")} keys="[" onClick={onFold} className="max-lg:hidden">
            <PanelLeftOpen className="size-4" />
          </IconButton>
        )}
        <IconButton label={t("shell.keys.open")} keys="?" onClick={onKeys}>
          <Keyboard className="size-4" />
        </IconButton>
      </div>
    </nav>
  );
}

type SidebarProps = NavProps & { folded: boolean; onFold: () => void; onKeys: () => void };

export function badgeOf(place: Place, counts: LiveCounts | undefined): number {
  if (place.id === "moderation") return counts?.held ?? 0;
  if (place.id === "conversations") return counts?.waiting ?? 0;
  return 0;
}

/** Whether the screen now belongs to the place. */
export function useIsHere(place: Place): boolean {
  return useRouterState({
    select: ({ location }) =>
      [place.to, ...(place.also ?? [])].some(
        (path) => location.pathname === path || location.pathname.startsWith(`${path}/`),
      ),
  });
}

function NavLink({ place, wide, badge }: { place: Place; wide: boolean; badge: number }) {
  const { t, i18n } = useTranslation();
  const here = useIsHere(place);
  const Icon = place.icon;
  const name = t(`shell.nav.${place.id}`);
  const said =
    badge > 0
      ? place.id === "moderation"
        ? t("shell.queueCount", { count: badge })
        : t("shell.waitingCount", { count: badge })
      : undefined;
  return (
    <Tip text={said ? `${name}: ${said}` : name} keys={place.keys} side="right">
      <Link
        to={place.to}
        aria-current={here ? "page" : undefined}
        className={clsx(
          "relative flex h-8 items-center gap-2.5 rounded-md px-2.5 text-sm font-medium",
          wide ? "max-lg:justify-center max-lg:px-0" : "justify-center px-0!",
          here ? "bg-hover text-fg" : "text-muted hover:bg-hover/70 hover:text-fg",
        )}
      >
        <Icon className={clsx("size-4 shrink-0", here && "text-accent-fg")} aria-hidden="true" />
        <span className={wide ? "flex-1 truncate max-lg:sr-only" : "sr-only"}>{name}</span>
        {said && <span className="sr-only">, {said}</span>}
        {badge > 0 && (
          <span
            aria-hidden="true"
            className={clsx(
              "tabular rounded-full bg-accent px-1.5 text-[10px] leading-4 font-semibold text-white",
              wide ? "max-lg:absolute max-lg:-top-0.5 max-lg:-right-0.5" : "absolute -top-0.5 -right-0.5",
            )}
          >
            {compact(badge, i18n.language)}
          </span>
        )}
      </Link>
    </Tip>
  );
}
