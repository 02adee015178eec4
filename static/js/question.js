// Ctrl+Enter saves the question and opens the next one.
const next = document.querySelector("[data-next]");
document.addEventListener("keydown", (event) => {
  if (next && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    next.click();
  }
});
