// Modules and parts are dragged to another place. The buttons beside them do the same without a
// mouse and without this script; so does what is sent.
const panel = document.querySelector("[data-outline]");
let dragged = null;

const row = (node) => node.closest("[data-place]");
const isModule = (item) => item.dataset.place === "module";

// Where an item dropped on this one goes: before which other item, a module for its end, or itself
// for the end of the course.
const target = (item, event) => {
  const box = item.getBoundingClientRect();
  const isAbove = event.clientY < box.top + box.height / 2;
  if (isModule(dragged)) {
    if (!isModule(item)) return null;
    const modules = [...panel.querySelectorAll("[data-place=module]")];
    return isAbove ? item : modules[modules.indexOf(item) + 1] ?? dragged;
  }
  if (isModule(item)) return item;
  if (isAbove) return item;
  const next = item.nextElementSibling;
  return next?.dataset.place ? next : item.parentElement.previousElementSibling;
};

for (const item of panel.querySelectorAll("[data-place]")) item.draggable = true;

panel.addEventListener("dragstart", (event) => {
  dragged = row(event.target);
  if (!dragged) return;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", dragged.id);
});

panel.addEventListener("dragover", (event) => {
  const item = row(event.target);
  if (!dragged || !item || !target(item, event)) return;
  event.preventDefault();
  for (const marked of panel.querySelectorAll(".is-over")) marked.classList.remove("is-over");
  target(item, event).classList.add("is-over");
});

panel.addEventListener("dragend", () => {
  for (const marked of panel.querySelectorAll(".is-over")) marked.classList.remove("is-over");
  dragged = null;
});

panel.addEventListener("drop", (event) => {
  const item = row(event.target);
  const place = dragged && item && target(item, event);
  if (!place) return;
  event.preventDefault();
  if (place === dragged && !isModule(dragged)) return;
  const form = dragged.querySelector("form[data-move]");
  const before = Object.assign(document.createElement("input"), { type: "hidden", name: "before" });
  before.value = place.id.slice(2);
  form.append(before);
  form.submit();
});
