// Counts the words of an essay while it is typed. Without this script the server does, at each save.
for (const field of document.querySelectorAll("[data-essay]")) {
  const told = field.closest(".field").querySelector("[data-words]");
  field.addEventListener("input", () => {
    told.textContent = told.dataset.words.replace("{n}", field.value.match(/\S+/g)?.length ?? 0);
  });
}
