// Items to put in order get buttons that move them up and down. Without this script each item has
// its place chosen; with it both ways work, and what is sent is the same.

for (const list of document.querySelectorAll("[data-order]")) {
  const state = list.nextElementSibling;
  const name = (row) => row.querySelector("[data-name]").dataset.name;

  // Every item has the place at which it stands: an empty place would be none.
  const number = () => {
    [...list.children].forEach((row, place) => {
      row.querySelector("select").selectedIndex = place + 1;
    });
  };

  // Places that were chosen go before the order of the rows.
  const arrange = () => {
    const place = (row) => row.querySelector("select").selectedIndex || list.children.length + 1;
    list.append(...[...list.children].sort((a, b) => place(a) - place(b)));
  };

  const showEnds = () => {
    for (const button of list.querySelectorAll("[data-move]")) {
      const row = button.closest("li");
      const end = button.dataset.move < 0 ? row.previousElementSibling : row.nextElementSibling;
      button.setAttribute("aria-disabled", String(!end));
      button.hidden = false;
    }
  };

  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-move]");
    if (!button) return;
    const row = button.closest("li");
    arrange();
    const up = button.dataset.move < 0;
    const other = up ? row.previousElementSibling : row.nextElementSibling;
    if (!other) return button.focus();
    if (up) list.insertBefore(row, other);
    else list.insertBefore(other, row);
    button.focus();
    number();
    showEnds();
    state.textContent = list.dataset.moved
      .replace("{item}", name(row))
      .replace("{place}", [...list.children].indexOf(row) + 1);
    row.querySelector("select").dispatchEvent(new Event("change", { bubbles: true }));
  });

  showEnds();
}
