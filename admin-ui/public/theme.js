// Before the first paint, so that the dark theme never flashes white. A file of its own: inline scripts are forbidden.
(() => {
  let wanted = "system";
  try {
    wanted = localStorage.getItem("rialto.theme") || "system";
  } catch {}
  const dark =
    wanted === "dark" || (wanted === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
