import { useNavigate } from "@tanstack/react-router";
import { clsx } from "clsx";
import { LogOut, Monitor, Moon, Settings, Sun } from "lucide-react";
import { useTranslation } from "react-i18next";
import { signOut, useViewer } from "@/features/session/session";
import { LANGUAGE_NAMES, LANGUAGES, language } from "@/i18n";
import { THEMES, theme } from "@/lib/theme";
import { Avatar } from "@/ui/avatar";
import { Menu, MenuItem, MenuLabel, MenuLine } from "@/ui/menu";

const ICONS = { system: Monitor, light: Sun, dark: Moon };

/** Who is signed in, and their settings at hand. */
export function AccountMenu({ wide }: { wide: boolean }) {
  const { t } = useTranslation();
  const viewer = useViewer();
  const navigate = useNavigate();
  const chosen = theme.use();
  const spoken = language.use();
  return (
    <Menu
      align="start"
      side="top"
      trigger={
        <button
          type="button"
          className={clsx(
            "flex min-w-0 items-center gap-2 rounded-md p-1 text-left hover:bg-hover",
            wide && "flex-1 max-lg:flex-none",
          )}
        >
          <Avatar id={viewer.id} name={viewer.name} size={26} />
          <span className="sr-only">{t("shell.account")}</span>
          {wide && (
            <span className="min-w-0 flex-1 max-lg:hidden">
              <span className="block truncate text-sm leading-4 font-medium">{viewer.name}</span>
              <span className="block truncate text-2xs leading-4 text-subtle">
                {t(`words.role.${viewer.role}`)}
              </span>
            </span>
          )}
        </button>
      }
    >
      <MenuLabel>{t("shell.theme.label")}</MenuLabel>
      {THEMES.map((each) => {
        const Icon = ICONS[each];
        return (
          <MenuItem
            key={each}
            icon={<Icon className="size-4" />}
            checked={each === chosen}
            onSelect={() => theme.set(each)}
          >
            {t(`shell.theme.${each}`)}
          </MenuItem>
        );
      })}
      <MenuLabel>{t("shell.language")}</MenuLabel>
      {LANGUAGES.map((each) => (
        <MenuItem key={each} checked={each === spoken} onSelect={() => language.set(each)}>
          {LANGUAGE_NAMES[each]}
        </MenuItem>
      ))}
      <MenuLine />
      <MenuItem
        icon={<Settings className="size-4" />}
        keys="g ,"
        onSelect={() => void navigate({ to: "/settings" })}
      >
        {t("shell.nav.settings")}
      </MenuItem>
      <MenuItem icon={<LogOut className="size-4" />} onSelect={() => void signOut()}>
        {t("shell.signOut")}
      </MenuItem>
    </Menu>
  );
}
