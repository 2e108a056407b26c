import { SendHorizontal } from "lucide-react";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useClient } from "urql";
import { graphql } from "@/gql";
import { useActions } from "@/lib/keys/actions";
import { readable } from "@/lib/keys/parse";
import { useDraft } from "@/lib/store/draft";
import { Button } from "@/ui/button";
import { Textarea } from "@/ui/field";
import { Keys } from "@/ui/keys";

const SET_TYPING = graphql(`
  mutation SetTyping($input: SetTypingInput!) {
    setTyping(input: $input) {
      userErrors {
        code
      }
    }
  }
`);

/** Said again while one types on, and taken back when one stops. */
const TYPING_MS = 4000;

/** Where an answer is written. The draft is kept by this browser until it is sent. */
export function ReplyBox({
  conversationId,
  to,
  onSend,
}: {
  conversationId: string;
  to: string;
  onSend: (body: string) => void;
}) {
  const { t } = useTranslation();
  const [text, setText, clear] = useDraft(`reply.${conversationId}`);
  const field = useRef<HTMLTextAreaElement>(null);
  const saysTyping = useTyping(conversationId);
  useActions([
    {
      id: "reply",
      title: t("conversations.reply.label"),
      group: t("shell.group.here"),
      keys: "r",
      run: () => field.current?.focus(),
    },
  ]);
  // It grows with what is written.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the text is what changes its height
  useEffect(() => {
    const element = field.current;
    if (!element) return;
    element.style.height = "auto";
    element.style.height = `${Math.min(element.scrollHeight + 2, 240)}px`;
  }, [text]);

  function send() {
    if (!text.trim()) return;
    onSend(text.trim());
    clear();
    saysTyping(false);
  }

  return (
    <form
      className="shrink-0 border-t bg-surface px-4 py-3 lg:px-6"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <div className="mx-auto max-w-3xl">
        <div className="flex items-end gap-2">
          <Textarea
            ref={field}
            value={text}
            rows={1}
            maxLength={20_000}
            aria-label={t("conversations.reply.label")}
            placeholder={t("conversations.reply.placeholder", { name: to })}
            onChange={(event) => {
              setText(event.target.value);
              saysTyping(event.target.value !== "");
            }}
            onBlur={() => saysTyping(false)}
            onKeyDown={(event) => {
              if (event.key === "Escape") event.currentTarget.blur();
              if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) {
                event.preventDefault();
                send();
              }
            }}
            className="min-h-10 resize-none rounded-lg! py-2!"
          />
          <Button
            type="submit"
            look="primary"
            disabled={!text.trim()}
            className="h-10!"
            aria-label={t("conversations.reply.send")}
          >
            <SendHorizontal className="size-4" aria-hidden="true" />
            <span className="max-sm:hidden">{t("conversations.reply.send")}</span>
          </Button>
        </div>
        <p className="mt-1.5 flex items-center justify-between gap-3 text-2xs text-subtle max-sm:hidden">
          <span>{t("conversations.reply.hint", { key: readable("enter")[0] })}</span>
          <span className="flex items-center gap-1.5">
            {text ? t("conversations.reply.kept") : <Keys keys="r" />}
          </span>
        </p>
      </div>
    </form>
  );
}

function useTyping(conversationId: string): (typing: boolean) => void {
  const client = useClient();
  const said = useRef(0);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  return (typing) => {
    clearTimeout(timer.current);
    const tell = (value: boolean) => {
      said.current = value ? Date.now() : 0;
      void client.mutation(SET_TYPING, { input: { conversationId, typing: value } }).toPromise();
    };
    if (!typing) {
      if (said.current) tell(false);
      return;
    }
    if (Date.now() - said.current > TYPING_MS) tell(true);
    timer.current = setTimeout(() => tell(false), TYPING_MS);
  };
}
