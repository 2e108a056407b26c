import { RouterProvider } from "@tanstack/react-router";
import { Tooltip } from "radix-ui";
import { useEffect } from "react";
import { Provider } from "urql";
import { Join } from "./features/session/join";
import { restore, session } from "./features/session/session";
import { SignIn } from "./features/session/sign-in";
import { Splash } from "./features/shell/splash";
import { router } from "./router";

/** Who is there decides what is shown: the way in, or the application. */
export function App() {
  const now = session.use();
  const joining = location.pathname === `${import.meta.env.BASE_URL}join`;
  useEffect(() => {
    if (!joining) void restore();
  }, [joining]);

  if (joining && now.state !== "signed-in")
    return <Join onDone={() => router.history.replace("/overview")} />;
  if (now.state === "loading") return <Splash />;
  if (now.state === "signed-out") return <SignIn because={now.because} />;
  return (
    <Provider value={now.engine.client} key={now.viewer.id}>
      <Tooltip.Provider delayDuration={350} skipDelayDuration={200}>
        <RouterProvider router={router} />
      </Tooltip.Provider>
    </Provider>
  );
}
