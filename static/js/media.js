// The library: files are sent one by one with their progress, also when dropped on the form.
// Without this script the button sends them together.
import { upload } from "./upload.js";

const form = document.querySelector("[data-upload]");
const field = form.elements.files;
const bar = form.querySelector("progress");
const told = form.querySelector("[data-told]");
form.querySelector("[data-hint]").textContent = form.dataset.drop;

const send = async (files) => {
  const said = [];
  let came = 0;
  let done = 0;
  bar.hidden = false;
  for (const file of files) {
    told.textContent = file.name;
    const answer = await upload(form.action, form.elements.csrf_token.value, file, (percent) => {
      bar.value = (done + percent / 100) / files.length * 100;
    });
    done += 1;
    came += answer?.markdown ? 1 : 0;
    said.push(answer?.state ?? answer?.error ?? `${file.name}: ${form.dataset.failed}`);
  }
  bar.hidden = true;
  if (came) await renew();
  told.textContent = said.join(" ");
  field.value = "";
};

// What came in is listed below what is told of each file.
const renew = async () => {
  const response = await fetch(location.pathname);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const fresh = page.querySelector("[data-list]");
  if (fresh) document.querySelector("[data-list]").replaceChildren(...fresh.childNodes);
};

form.addEventListener("submit", (event) => {
  if (!field.files.length) return;
  event.preventDefault();
  send([...field.files]);
});

form.addEventListener("dragover", (event) => {
  event.preventDefault();
  form.classList.add("is-over");
});
form.addEventListener("dragleave", () => form.classList.remove("is-over"));
form.addEventListener("drop", (event) => {
  event.preventDefault();
  form.classList.remove("is-over");
  if (event.dataTransfer.files.length) send([...event.dataTransfer.files]);
});
