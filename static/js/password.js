// The show button beside a password. It stays hidden without this script.
export const offerToShow = (within) => {
  for (const box of within.querySelectorAll("[data-password]")) {
    const input = box.querySelector("input");
    const button = box.querySelector("button");

    const show = (visible) => {
      input.type = visible ? "text" : "password";
      button.setAttribute("aria-pressed", String(visible));
    };

    box.classList.add("joined");
    button.hidden = false;
    button.addEventListener("click", () => show(input.type === "password"));
    // Browsers remember what is typed in a text field: send it as a password again.
    input.form?.addEventListener("submit", () => show(false));
  }
};

offerToShow(document);
