import { fileURLToPath } from "node:url";
import tailwind from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const engine = process.env.RIALTO_URL ?? "http://127.0.0.1:4000";
const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  base: "/admin/",
  plugins: [react(), tailwind()],
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
  server: {
    port: 5173,
    proxy: {
      "/graphql": { target: engine, ws: true },
      "/admin/session": { target: engine },
      "/admin/api": { target: engine },
      "/health": { target: engine },
    },
  },
});
