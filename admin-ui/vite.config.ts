import { fileURLToPath } from "node:url";
import tailwind from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { compress } from "./build-tools/compress.ts";

const engine = process.env.RIALTO_URL ?? "http://127.0.0.1:4000";
const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** What the engine answers itself: the API, sign-in, health. */
const proxy = {
  "/graphql": { target: engine, ws: true },
  "/auth": { target: engine },
  "/health": { target: engine },
};

/** The same as the engine sends, so that what it would forbid fails here already. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: https:",
  "font-src 'self'",
  "connect-src 'self' ws: wss:",
  "manifest-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

export default defineConfig({
  base: "/admin/",
  plugins: [react(), tailwind(), compress()],
  resolve: {
    alias: {
      "@": at("./src"),
      // It writes <style> elements, which the Content-Security-Policy forbids; our page never scrolls anyway.
      "react-remove-scroll": at("./src/lib/remove-scroll.tsx"),
    },
  },
  build: {
    target: "es2023",
    // Data addresses would need a weaker Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { port: 5173, proxy },
  preview: { port: 4173, proxy, headers: { "Content-Security-Policy": policy } },
});
