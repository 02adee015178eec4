// The session ended while a question is open: sign in again without leaving it.
// The forms are those of the pages for signing in and for replacing an initial password, brought here
// when they are needed, and are answered as there.
import { offerToShow } from "./password.js";

const PATIENCE = 20000; // milliseconds without an answer
const SESSION_LOST = 400; // the cookies went once more: the form is out of date

const dialog = document.getElementById("masuk-lagi");
const place = dialog.querySelector("[data-form]");
const told = dialog.querySelector("[data-told]");
const question = document.getElementById("soal");
// Only the one who began the attempt is given pages below this address.
const own = question.action.replace(/questions\/\d+$/, "");
let resume = () => {};

const ask = async (address, body) => {
  const signal = AbortSignal.timeout(PATIENCE);
  const response = await fetch(address, { method: body ? "POST" : "GET", body, signal });
  if (response.status >= 500) throw new Error(response.statusText);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  return { response, page };
};

const renew = (page) => {
  const token = page.querySelector("[name=csrf_token]").value;
  for (const input of document.querySelectorAll("[name=csrf_token]")) input.value = token;
};

const show = (page, form) => {
  const words = page.querySelectorAll(".errsum, [data-why]");
  form.querySelector("a")?.remove(); // the forgotten password: would leave the question
  place.replaceChildren(...words, form);
  if (form.elements.identifier) form.elements.identifier.value ||= dialog.dataset.identifier;
  offerToShow(form);
  told.textContent = "";
  if (!dialog.open) dialog.showModal();
  place.querySelector(".errsum, [type=password]").focus();
};

const say = (words) => {
  told.textContent = words;
  if (!dialog.open) dialog.showModal();
};

// May this page go on? If not, the dialog says what is missing.
const goesOn = async ({ response, page }, anew = true) => {
  if (response.ok && response.url.startsWith(own)) {
    renew(page);
    return true;
  }
  const form = page.querySelector("[name=identifier], [name=password_again]")?.form;
  if (form) {
    show(page, form);
  } else if (response.status === 404) {
    place.replaceChildren();
    say(dialog.dataset.other);
  } else if (response.status === SESSION_LOST || (response.ok && anew)) {
    return goesOn(await ask(location.href), false);
  } else {
    location.assign(response.url); // what else there is to do first
  }
  return false;
};

place.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const button = form.querySelector("[type=submit]");
  if (button.hasAttribute("aria-busy")) return;
  button.setAttribute("aria-busy", "true");
  try {
    const body = new URLSearchParams(new FormData(form));
    if (await goesOn(await ask(form.action, body))) {
      resume(true);
      dialog.close();
    }
  } catch {
    say(dialog.dataset.failed);
  } finally {
    button.removeAttribute("aria-busy");
  }
});

dialog.querySelector("[data-later]").addEventListener("click", () => dialog.close());
dialog.addEventListener("close", () => resume(false));

// True as soon as this page may go on, with tokens that fit; false when it was put off. Throws when
// the server does not answer.
export const signInAgain = async () => {
  if (await goesOn(await ask(location.href))) return true;
  return new Promise((done) => { resume = done; });
};
