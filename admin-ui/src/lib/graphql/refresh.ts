import type { Exchange, Operation } from "@urql/core";
import { pipe, tap } from "wonka";
import { onReconnected } from "./connection";

/**
 * Asks every query on the screen again when a lost connection is there again. Subscriptions resume by themselves, but
 * what only queries know may have changed meanwhile.
 */
export const refreshExchange: Exchange = ({ client, forward }) => {
  const open = new Map<number, Operation>();
  onReconnected(() => {
    for (const operation of [...open.values()]) {
      client.reexecuteOperation(
        client.createRequestOperation("query", operation, { requestPolicy: "cache-and-network" }),
      );
    }
  });
  return (operations$) =>
    forward(
      pipe(
        operations$,
        tap((operation) => {
          if (operation.kind === "query") open.set(operation.key, operation);
          if (operation.kind === "teardown") open.delete(operation.key);
        }),
      ),
    );
};
