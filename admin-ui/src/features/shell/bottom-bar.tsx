import { Link, useNavigate } from "@tanstack/react-router";
import { clsx } from "clsx";
import { Ellipsis, LogOut, Search, Settings } from "lucide-react";
import { useTranslation } from "react-i18next";
import { signOut } from "@/features/session/session";
import { Menu, MenuItem, MenuLine } from "@/ui/menu";
import type { Place } from "./places";
import { badgeOf, type NavProps, useIsHere } from "./sidebar";

/** The way around on a phone: the four screens used most, and the rest. */
export function BottomBar({ places, counts, onPalette }: NavProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const first = places.slice(0, 4);
  return (
    <nav
      aria-label={t("shell.nav.label")}
      className="grid shrink-0 grid-cols-5 border-t bg-surface pb-[env(safe-area-inset-bottom)] md:hidden"
    >
      {first.map((place) => (
        <BarLink key={place.id} place={place} badge={badgeOf(place, counts)} />
      ))}
      <Menu
        side="top"
        trigger={
          <button
            type="button"
            className="flex h-13 flex-col items-center justify-center gap-0.5 text-[10px] font-medium text-muted"
          >
            <Ellipsis className="size-5" aria-hidden="true" />
            {t("shell.nav.more")}
          </button>
        }
      >
        <MenuItem icon={<Search className="size-4" />} onSelect={onPalette}>
          {t("shell.palette.open")}
        </MenuItem>
        <MenuLine />
        {places.slice(4).map((place) => {
          const Icon = place.icon;
          return (
            <MenuItem
              key={place.id}
              icon={<Icon className="size-4" />}
              onSelect={() => void navigate({ to: place.to })}
            >
              {t(`shell.nav.${place.id}`)}
            </MenuItem>
          );
        })}
        <MenuLine />
        <MenuItem icon={<Settings className="size-4" />} onSelect={() => void navigate({ to: "/settings" })}>
          {t("shell.nav.settings")}
        </MenuItem>
        <MenuItem icon={<LogOut className="size-4" />} onSelect={() => void signOut()}>
          {t("shell.signOut")}
        </MenuItem>
      </Menu>
    </nav>
  );
}

function BarLink({ place, badge }: { place: Place; badge: number }) {
  const { t } = useTranslation();
  const here = useIsHere(place);
  const Icon = place.icon;
  return (
    <Link
      to={place.to}
      aria-current={here ? "page" : undefined}
      className={clsx(
        "relative flex h-13 min-w-0 flex-col items-center justify-center gap-0.5 text-[10px] font-medium",
        here ? "text-accent-fg" : "text-muted",
      )}
    >
      <span className="relative">
        <Icon className="size-5" aria-hidden="true" />
        {badge > 0 && (
          <span
            aria-hidden="true"
            className="tabular absolute -top-1 left-3 rounded-full bg-accent px-1 text-[9px] leading-3.5 font-semibold text-white"
          >
            {badge}
          </span>
        )}
      </span>
      <span className="max-w-full truncate px-0.5">{t(`shell.nav.${place.id}`)}</span>
    </Link>
  );
}
