import { createElement, type HTMLAttributes, type ReactNode, type Ref } from "react";

type Props = HTMLAttributes<HTMLElement> & {
  as?: string;
  children?: ReactNode;
  ref?: Ref<HTMLElement>;
  allowPinchZoom?: boolean;
  shards?: unknown;
  enabled?: boolean;
};

/** Stands in for the package of this name, which writes inline styles: nothing behind a dialog scrolls here. */
export function RemoveScroll({ as = "div", allowPinchZoom, shards, enabled, ...rest }: Props) {
  return createElement(as, rest);
}
