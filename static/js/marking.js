// Marking essays: Alt+arrows go to the essay before and after; what is typed is not left by mistake.
// Without this script the links do the same.
const form = document.querySelector("[data-marking]");
let isChanged = false;

form?.addEventListener("input", () => { isChanged = true; });
form?.addEventListener("submit", () => { isChanged = false; });

addEventListener("beforeunload", (event) => {
  if (isChanged) event.preventDefault();
});

document.addEventListener("keydown", (event) => {
  const rel = { ArrowLeft: "prev", ArrowRight: "next" }[event.key];
  if (!rel || !event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (event.target.closest("textarea, input:not([type=radio])")) return; // moves by words there
  event.preventDefault();
  document.querySelector(`a[rel=${rel}]`)?.click();
});
