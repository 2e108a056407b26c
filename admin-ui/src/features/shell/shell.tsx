import { Outlet, useNavigate, useRouterState } from "@tanstack/react-router";
import { Keyboard, LogOut, PanelLeft, Settings, SunMoon } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Tour } from "@/features/help/tour";
import { signOut, useViewer } from "@/features/session/session";
import { isStaff, may } from "@/lib/access";
import { useActions } from "@/lib/keys/actions";
import { keptStore } from "@/lib/store/kept";
import { toggleTheme } from "@/lib/theme";
import { Button } from "@/ui/button";
import { Empty } from "@/ui/feedback";
import { ToastStack } from "@/ui/toast-stack";
import { BottomBar } from "./bottom-bar";
import { ConnectionBanner } from "./connection-banner";
import { KeyMap } from "./key-map";
import { useLiveCounts } from "./live-counts";
import { Palette } from "./palette";
import { PLACES } from "./places";
import { Sidebar } from "./sidebar";

const sidebar = keptStore<"open" | "folded">("sidebar", "open", ["open", "folded"]);

/** What stands around every screen. */
export function Shell() {
  const viewer = useViewer();
  return isStaff(viewer.role) ? <StaffShell /> : <Strangers />;
}

function StaffShell() {
  const { t } = useTranslation();
  const viewer = useViewer();
  const navigate = useNavigate();
  const [paletteOpen, setPaletteOpen] = useState(false);
  const [keysOpen, setKeysOpen] = useState(false);
  const shape = sidebar.use();
  const counts = useLiveCounts();
  const places = PLACES.filter((place) => !place.needs || may(viewer.role, place.needs));
  const fold = () => sidebar.set(shape === "open" ? "folded" : "open");
  usePageFocus();

  useActions([
    ...places.map((place) => ({
      id: `go.${place.id}`,
      title: t(`shell.nav.${place.id}`),
      group: t("shell.group.go"),
      keys: place.keys,
      icon: <place.icon className="size-4" />,
      run: () => void navigate({ to: place.to }),
    })),
    {
      id: "palette",
      title: t("shell.palette.open"),
      group: t("shell.group.help"),
      keys: "mod+k",
      whileTyping: true,
      onlyKey: true,
      run: () => setPaletteOpen(true),
    },
    {
      id: "keys",
      title: t("shell.keys.open"),
      group: t("shell.group.help"),
      keys: "?",
      icon: <Keyboard className="size-4" />,
      run: () => setKeysOpen(true),
    },
    {
      id: "fold",
      title: t("shell.collapse"),
      group: t("shell.group.view"),
      keys: "[",
      icon: <PanelLeft className="size-4" />,
      run: fold,
    },
    {
      id: "theme",
      title: t("shell.theme.toggle"),
      group: t("shell.group.view"),
      keys: "shift+t",
      icon: <SunMoon className="size-4" />,
      run: toggleTheme,
    },
    {
      id: "settings",
      title: t("shell.nav.settings"),
      group: t("shell.group.session"),
      keys: "g ,",
      icon: <Settings className="size-4" />,
      run: () => void navigate({ to: "/settings" }),
    },
    {
      id: "signOut",
      title: t("shell.signOut"),
      group: t("shell.group.session"),
      icon: <LogOut className="size-4" />,
      run: () => void signOut(),
    },
  ]);

  return (
    <div className="flex h-full flex-col">
      <a
        href="#content"
        className="sr-only focus:not-sr-only focus:absolute focus:top-2 focus:left-2 focus:z-50 focus:rounded-md focus:bg-raised focus:px-3 focus:py-2 focus:shadow-float"
      >
        {t("shell.skip")}
      </a>
      <ConnectionBanner />
      <div className="flex min-h-0 flex-1">
        <Sidebar
          places={places}
          counts={counts}
          folded={shape === "folded"}
          onFold={fold}
          onPalette={() => setPaletteOpen(true)}
          onKeys={() => setKeysOpen(true)}
        />
        <main id="content" tabIndex={-1} className="relative min-w-0 flex-1 focus:outline-none">
          <Outlet />
        </main>
      </div>
      <BottomBar places={places} counts={counts} onPalette={() => setPaletteOpen(true)} />
      <Palette open={paletteOpen} onClose={() => setPaletteOpen(false)} />
      <KeyMap open={keysOpen} onClose={() => setKeysOpen(false)} />
      <Tour />
      <ToastStack />
    </div>
  );
}

/** A new screen takes the focus, so that screen readers begin there. */
function usePageFocus() {
  const screen = useRouterState({ select: (state) => state.location.pathname.split("/")[1] });
  useEffect(() => {
    if (screen && document.activeElement !== document.body)
      document.getElementById("content")?.focus({ preventScroll: true });
  }, [screen]);
}

function Strangers() {
  const { t } = useTranslation();
  return (
    <main className="flex h-full items-center justify-center">
      <Empty
        title={t("session.notStaff")}
        action={<Button onClick={() => void signOut()}>{t("shell.signOut")}</Button>}
      />
    </main>
  );
}
