import { useNavigate } from "@tanstack/react-router";
import { Command } from "cmdk";
import { ArrowRight, CornerDownRight, Filter as FilterIcon, Search } from "lucide-react";
import { Dialog } from "radix-ui";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useQuery } from "urql";
import { useViewer } from "@/features/session/session";
import { graphql } from "@/gql";
import { may } from "@/lib/access";
import { type Action, useAllActions } from "@/lib/keys/actions";
import { useFocusBack } from "@/ui/focus-back";
import { Keys } from "@/ui/keys";
import { type Jump, jumpOf } from "./jump";

const PALETTE_FILTERS = graphql(`
  query PaletteFilters {
    filters {
      id
      name
    }
  }
`);

/** Everything that can be found or done, under Ctrl/Cmd-K. */
export function Palette({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const viewer = useViewer();
  const navigate = useNavigate();
  const [text, setText] = useState("");
  const focus = useFocusBack();
  const actions = useAllActions().filter((action) => !action.onlyKey);
  const seesFilters = may(viewer.role, "see filters");
  const [{ data }] = useQuery({ query: PALETTE_FILTERS, pause: !open || !seesFilters });
  useEffect(() => {
    if (open) setText("");
  }, [open]);

  const act = (run: () => void) => () => {
    onClose();
    // After the dialog has given the focus back, so that the action may take it.
    setTimeout(run, 0);
  };
  const jump = jumpOf(text);
  const groups = [...new Set(actions.map((action) => action.group))];
  groups.sort((a, b) => Number(b === t("shell.group.here")) - Number(a === t("shell.group.here")));

  function go(to: Jump) {
    if (to.kind === "conversation")
      void navigate({ to: "/conversations/$id", params: { id: to.id }, search: { at: to.seq } });
    if (to.kind === "filter") void navigate({ to: "/filters/$name", params: { name: to.id } });
    if (to.kind === "listing") void navigate({ to: "/search", search: { q: `listing:${to.id}` } });
  }

  return (
    <Dialog.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-black/35 animate-fade dark:bg-black/55" />
        <Dialog.Content
          aria-describedby={undefined}
          onOpenAutoFocus={focus.remember}
          onCloseAutoFocus={focus.onCloseAutoFocus}
          onKeyDown={(event) => event.key === "Escape" && onClose()}
          className="fixed top-[12vh] left-1/2 z-50 w-[calc(100vw-1.5rem)] max-w-xl -translate-x-1/2 overflow-hidden rounded-xl border bg-raised shadow-float animate-rise focus:outline-none"
        >
          <Dialog.Title className="sr-only">{t("shell.palette.open")}</Dialog.Title>
          <Command label={t("shell.palette.open")} loop>
            <div className="flex items-center gap-2.5 border-b px-4">
              <Search className="size-4 shrink-0 text-subtle" aria-hidden="true" />
              <Command.Input
                value={text}
                onValueChange={setText}
                placeholder={t("shell.palette.placeholder")}
                className="h-12 min-w-0 flex-1 bg-transparent text-lg outline-none max-sm:text-[16px] max-sm:placeholder:text-base"
              />
              <Keys keys="escape" className="max-sm:hidden" />
            </div>
            <Command.List className="max-h-[52vh] overflow-y-auto p-1.5">
              <Command.Empty className="px-4 py-8 text-center text-sm text-muted">
                {t("shell.palette.nothing")}
              </Command.Empty>
              {jump && (
                <Group heading={t("shell.palette.pasted")}>
                  <Item
                    value={`jump ${text}`}
                    onSelect={act(() => go(jump))}
                    icon={<ArrowRight className="size-4" />}
                  >
                    {t("shell.palette.jump", { id: text.trim() })}
                  </Item>
                </Group>
              )}
              {groups.map((group) => (
                <Group key={group} heading={group}>
                  {actions
                    .filter((action) => action.group === group)
                    .map((action) => (
                      <ActionItem key={action.id} action={action} onSelect={act(action.run)} />
                    ))}
                </Group>
              ))}
              {text.trim() && !jump && may(viewer.role, "search") && (
                <Group heading={t("shell.nav.search")}>
                  <Item
                    value={`search ${text}`}
                    icon={<Search className="size-4" />}
                    onSelect={act(() => void navigate({ to: "/search", search: { q: text.trim() } }))}
                  >
                    {t("shell.palette.search", { text: text.trim() })}
                  </Item>
                </Group>
              )}
              {text.trim() && data?.filters && (
                <Group heading={t("shell.palette.filter")}>
                  {data.filters.map((filter) => (
                    <Item
                      key={filter.id}
                      value={`filter ${filter.name}`}
                      icon={<FilterIcon className="size-4" />}
                      onSelect={act(
                        () => void navigate({ to: "/filters/$name", params: { name: filter.name } }),
                      )}
                    >
                      {filter.name}
                    </Item>
                  ))}
                </Group>
              )}
            </Command.List>
          </Command>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Group({ heading, children }: { heading: string; children: React.ReactNode }) {
  return (
    <Command.Group
      heading={heading}
      className="**:[[cmdk-group-heading]]:px-2.5 **:[[cmdk-group-heading]]:pt-2 **:[[cmdk-group-heading]]:pb-1 **:[[cmdk-group-heading]]:text-2xs **:[[cmdk-group-heading]]:font-medium **:[[cmdk-group-heading]]:text-subtle"
    >
      {children}
    </Command.Group>
  );
}

function Item({ value, icon, children, onSelect, keys, words }: ItemProps) {
  return (
    <Command.Item
      value={value}
      keywords={words ? [words] : undefined}
      onSelect={onSelect}
      className="flex h-9 items-center gap-2.5 rounded-md px-2.5 text-base data-[selected=true]:bg-hover"
    >
      <span className="flex size-4 items-center justify-center text-subtle" aria-hidden="true">
        {icon}
      </span>
      <span className="min-w-0 flex-1 truncate">{children}</span>
      {keys && <Keys keys={keys} />}
    </Command.Item>
  );
}

type ItemProps = {
  value: string;
  icon?: React.ReactNode;
  children: React.ReactNode;
  onSelect: () => void;
  keys?: string;
  words?: string;
};

function ActionItem({ action, onSelect }: { action: Action; onSelect: () => void }) {
  return (
    <Item
      value={`${action.title} ${action.id}`}
      words={action.words}
      keys={action.keys}
      icon={action.icon ?? <CornerDownRight className="size-4" />}
      onSelect={onSelect}
    >
      {action.title}
    </Item>
  );
}
