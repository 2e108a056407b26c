import { useState } from "react";
import { useTranslation } from "react-i18next";
import { readable } from "@/lib/keys/parse";
import { keptStore } from "@/lib/store/kept";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Keys } from "@/ui/keys";

/** Whether this browser has seen the tour. */
export const tour = keptStore<"new" | "seen">("tour", "new", ["new", "seen"]);

const STEPS = [
  { id: "welcome", keys: undefined },
  { id: "go", keys: "g m" },
  { id: "palette", keys: "mod+k" },
  { id: "keys", keys: "?" },
] as const;

/** Four cards on first sign-in. */
export function Tour() {
  const { t } = useTranslation();
  const state = tour.use();
  const [place, setPlace] = useState(0);
  const step = STEPS[place];
  if (state === "seen" || !step) return null;
  const end = () => {
    tour.set("seen");
    setPlace(0);
  };
  const last = place === STEPS.length - 1;
  return (
    <Dialog
      open
      onClose={end}
      width="max-w-md"
      title={t(`help.tour.${step.id}.title`)}
      footer={
        <>
          <span className="mr-auto text-sm text-subtle">
            {t("help.tour.step", { now: place + 1, all: STEPS.length })}
          </span>
          {!last && <Button onClick={end}>{t("help.tour.skip")}</Button>}
          <Button look="primary" data-begin onClick={() => (last ? end() : setPlace(place + 1))}>
            {last ? t("help.tour.done") : t("help.tour.next")}
          </Button>
        </>
      }
    >
      <p className="text-base text-pretty text-muted">
        {t(`help.tour.${step.id}.text`, { key: readable("mod+k").join(" ") })}
      </p>
      {step.keys && (
        <p className="mt-5 flex scale-150 justify-center py-2">
          <Keys keys={step.keys} />
        </p>
      )}
    </Dialog>
  );
}
