import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app";
import { startTexts } from "./i18n";
import "./index.css";
import { listenToKeys } from "./lib/keys/actions";
import { followTheme } from "./lib/theme";

followTheme();
listenToKeys();
void startTexts().then(() => {
  const root = document.getElementById("root");
  if (root) {
    createRoot(root).render(
      <StrictMode>
        <App />
      </StrictMode>,
    );
  }
});
