// Asks before a page is left whose form holds what was not saved: typed since the page came, or,
// with data-unsaved="changed", before, where the answer to a form is the same form.
const form = document.querySelector("form[data-unsaved]");
const written = () => new URLSearchParams(new FormData(form)).toString();
const saved = form.dataset.unsaved === "changed" ? null : written();
let isSent = false;

form.addEventListener("submit", () => { isSent = true; });
addEventListener("pageshow", () => { isSent = false; });
addEventListener("beforeunload", (event) => {
  if (!isSent && written() !== saved) event.preventDefault();
});
