import { useTranslation } from "react-i18next";
import { useAllActions } from "@/lib/keys/actions";
import { Dialog } from "@/ui/dialog";
import { Keys } from "@/ui/keys";

/** Every key that does something here, now: made from what is offered, so it is never out of date. */
export function KeyMap({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const actions = useAllActions().filter((action) => action.keys);
  const groups = [...new Set(actions.map((action) => action.group))];
  // What belongs to the screen comes first.
  groups.sort((a, b) => Number(b === t("shell.group.here")) - Number(a === t("shell.group.here")));
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={t("shell.keys.title")}
      description={t("shell.keys.lead")}
      width="max-w-3xl"
    >
      <div className="gap-x-10 sm:columns-2">
        {groups.map((group) => (
          <section key={group} className="mb-5 break-inside-avoid">
            <h3 className="mb-1 text-sm font-semibold text-subtle">{group}</h3>
            <ul>
              {actions
                .filter((action) => action.group === group)
                .map((action) => (
                  <li key={action.id} className="flex min-h-7 items-center justify-between gap-4 text-sm">
                    <span>{action.title}</span>
                    <Keys keys={action.keys ?? ""} />
                  </li>
                ))}
            </ul>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
