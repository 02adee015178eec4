// Loaded by every page. Pages work without it.
import "./submit-once.js";

// The account menu is a <details>: it also closes on Escape and on a click outside.
const openMenus = () => document.querySelectorAll("details.menu[open]");

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of openMenus()) {
    const hadFocus = menu.contains(document.activeElement);
    menu.open = false;
    if (hadFocus) menu.querySelector("summary").focus();
  }
});

// The tab of this page is in sight where a row of tabs is wider than the screen.
for (const tab of document.querySelectorAll(".tabs [aria-current]")) {
  const row = tab.parentElement;
  const place = tab.getBoundingClientRect().left - row.getBoundingClientRect().left;
  row.scrollLeft += place - (row.clientWidth - tab.offsetWidth) / 2;
}

// What is folded away is printed too.
addEventListener("beforeprint", () => {
  for (const folded of document.querySelectorAll(".prose details:not([open])")) folded.open = true;
});

document.addEventListener("click", (event) => {
  for (const menu of openMenus()) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
