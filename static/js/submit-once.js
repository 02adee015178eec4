// A second press of the same button does not send a form twice; other buttons stay usable.
// The button is not `disabled`: its name and value must be sent, it keeps the focus,
// and some browsers bring a disabled button back with the page.
// A form that answers with a file instead of a page carries data-repeatable.
const GIVE_BACK_AFTER_MS = 15000; // a stopped load must not leave a dead button

const hold = (button) => {
  button.setAttribute("aria-busy", "true");
  button.setAttribute("aria-disabled", "true");
  setTimeout(release, GIVE_BACK_AFTER_MS, button);
};

const release = (button) => {
  button.removeAttribute("aria-busy");
  button.removeAttribute("aria-disabled");
};

document.addEventListener("submit", (event) => {
  const { target: form, submitter: button } = event;
  if (event.defaultPrevented || !button || form.hasAttribute("data-repeatable")) return;
  const method = button.getAttribute("formmethod") ?? form.getAttribute("method");
  if (method?.toLowerCase() !== "post") return;
  if (button.hasAttribute("aria-busy")) event.preventDefault();
  else hold(button);
});

// Back to this page out of the page cache.
addEventListener("pageshow", () => {
  document.querySelectorAll("[type=submit][aria-busy], button[aria-busy]").forEach(release);
});
