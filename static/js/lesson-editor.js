// The lesson editor: saves while one writes, shows the server's preview and findings beside it.
// Without this script the buttons Simpan and Pratinjau do the same.
import "./vendor/markdown-toolbar-element.js";
import { upload } from "./upload.js";

const PAUSE = 2000; // milliseconds of silence before a save
const RETRY = 5000;

const form = document.querySelector("[data-lesson]");
const text = form.elements.text;
const states = document.querySelectorAll("[data-state]");
const words = form.dataset;
let saved = snapshot();
let waiting;
let saving = null;
let stale = false; // somebody else has saved: nothing is sent before both texts were compared

function snapshot() {
  const fields = new FormData(form);
  fields.delete("number");
  fields.delete("base");
  return JSON.stringify([...fields]);
}

const isSaved = () => snapshot() === saved;

const tell = (message, kind) => {
  for (const state of states) {
    if (state.textContent !== message) state.textContent = message;
    state.className = `status status--${kind}`;
  }
};

const show = (html) => {
  const page = new DOMParser().parseFromString(html, "text/html");
  for (const fresh of page.querySelectorAll("[data-look]")) {
    for (const place of document.querySelectorAll(`[data-look=${fresh.dataset.look}]`)) {
      place.replaceChildren(...fresh.cloneNode(true).childNodes);
    }
  }
};

// Gives the status of the answer, or 0 where there was none.
const send = async () => {
  const sent = snapshot();
  const fields = new FormData(form);
  tell(words.saving, "ok");
  let response, answer;
  try {
    response = await fetch(form.action, {
      method: "POST",
      body: new URLSearchParams(fields),
      headers: { Accept: "application/json" },
      redirect: "manual",
    });
    answer = response.headers.get("Content-Type")?.startsWith("application/json")
      ? await response.json() : {};
  } catch {
    response = { status: 0 };
  }
  if (response.status === 200) {
    const isAsSent = snapshot() === sent;
    form.elements.number.value = answer.number;
    for (const [name, value] of Object.entries(answer.kept)) { // others may have changed it
      const field = form.elements[name];
      const isTyped = field.value !== fields.get(name);
      if (!isTyped && field.value.trim() !== String(value)) field.value = value;
    }
    saved = isAsSent ? snapshot() : sent;
    show(answer.look);
    if (isSaved()) tell(answer.state, "ok");
    else later(PAUSE);
  } else if (response.status === 401) {
    tell(words.expired, "warn");
  } else if (response.status === 409) {
    stale = true;
    tell(answer.is_gone ? answer.error : `${answer.error} ${words.stale}`, "warn");
  } else if (response.status === 422) {
    tell(answer.error, "warn");
  } else if (response.status === 400 || response.status === 403 || response.status === 404) {
    stale = true; // pressing Simpan shows the page that says why
    tell(words.expired, "warn");
  } else {
    tell(words.retrying, "warn");
    later(RETRY);
  }
  return response.status;
};

const save = () => {
  clearTimeout(waiting);
  saving ??= send().finally(() => { saving = null; });
  return saving;
};

const later = (pause) => {
  clearTimeout(waiting);
  waiting = setTimeout(async () => {
    await saving;
    if (!stale && !isSaved()) save();
  }, pause);
};

form.addEventListener("input", () => {
  if (stale) return;
  if (!isSaved()) tell(words.typing, "warn");
  later(PAUSE);
});

// Simpan, Pratinjau and Ctrl+S save in place; what the script cannot settle becomes a page.
const saveNow = async () => {
  await saving;
  if (stale || ![200, 0].includes(await save())) {
    saved = snapshot(); // the page that comes holds the text
    form.submit();
  }
};

form.addEventListener("submit", (event) => {
  const settles = event.submitter?.value.startsWith("settle:"); // a comment: comes as a page
  if (settles && isSaved()) return;
  event.preventDefault();
  if (event.submitter?.value === "preview") {
    location.hash = "pratinjau";
    if (isSaved()) return;
  }
  saveNow().then(() => settles && isSaved() && event.submitter.click());
});

document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "s" || !(event.ctrlKey || event.metaKey) || event.altKey) return;
  event.preventDefault();
  saveNow();
});

addEventListener("beforeunload", (event) => {
  if (!isSaved()) event.preventDefault();
});

// A line that a finding names.
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-line]");
  if (!link) return;
  event.preventDefault();
  const lines = text.value.split("\n");
  const start = lines.slice(0, link.dataset.line - 1).join("\n").length + (link.dataset.line > 1);
  text.focus();
  text.setSelectionRange(start, start + (lines[link.dataset.line - 1] ?? "").length);
  const height = parseFloat(getComputedStyle(text).lineHeight);
  text.scrollTop = Math.max(0, (link.dataset.line - 4) * height);
  text.scrollIntoView({ block: "nearest" });
});

// Tabs on narrow screens.
const mark = () => {
  const here = location.hash === "#pratinjau" ? "#pratinjau" : "#tulis";
  for (const tab of document.querySelectorAll(".tabs [data-tab]")) {
    if (tab.hash === here) tab.setAttribute("aria-current", "true");
    else tab.removeAttribute("aria-current");
  }
};
addEventListener("hashchange", mark);
mark();

// Text of a button that inserts, as a block of its own; the browser's undo takes it back.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-insert]");
  if (button) block(button.dataset.insert);
});

// A box or a part that unfolds, around what is chosen.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-box]");
  if (!button) return;
  const chosen = text.value.slice(text.selectionStart, text.selectionEnd).trim() || words.empty;
  const head = [`[!${button.dataset.box}]`, button.dataset.title].filter(Boolean).join(" ");
  block([head, ...chosen.split("\n")].map((line) => `> ${line}`.trimEnd()).join("\n"));
  button.closest("details")?.removeAttribute("open");
});

// A mark here, and the place for its text at the end.
document.querySelector("[data-footnote]").addEventListener("click", () => {
  const used = [...text.value.matchAll(/\[\^(\d+)\]/g)].map((found) => Number(found[1]));
  const mark = `[^${Math.max(0, ...used) + 1}]`;
  text.setSelectionRange(text.selectionEnd, text.selectionEnd);
  insert(mark);
  text.setSelectionRange(text.value.length, text.value.length);
  insert(`${text.value.endsWith("\n") ? "\n" : "\n\n"}${mark}: `);
  text.scrollTop = text.scrollHeight;
  tell(words.note, "warn");
});

// A link to another part of the course, under the words that are chosen or its title.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-part]");
  if (!button) return;
  const chosen = text.value.slice(text.selectionStart, text.selectionEnd);
  insert(`[${chosen || button.textContent}](part/${button.dataset.part})`);
  button.closest("details").removeAttribute("open");
});

function block(added) {
  const above = text.value.slice(0, text.selectionStart);
  const ends = above.length - above.replace(/\n+$/, "").length;
  insert(`${above ? "\n".repeat(Math.max(0, 2 - ends)) : ""}${added}\n\n`);
}

// Files chosen, dropped or pasted go to the library of the course and into the text.
const take = async (files) => {
  const taken = [], refused = [];
  for (const file of files) {
    const answer = await upload(words.media, form.elements.csrf_token.value, file, (percent) => {
      tell(`${words.sending} ${file.name} ${percent} %`, "ok");
    });
    if (!answer?.markdown) {
      refused.push(answer?.error ?? `${file.name}: ${words.unsent}`);
    } else {
      taken.push(answer.markdown);
    }
  }
  if (taken.length) put(taken.join("\n\n"));
  else if (isSaved()) save(); // tells what the progress was written over
  else tell(words.typing, "warn");
  // Not in the status, which soon tells of the next save.
  const message = Object.assign(document.createElement("p"), { textContent: refused.join(" ") });
  message.className = "panel__pad small err";
  document.querySelector("[data-refused]").replaceChildren(...refused.length ? [message] : []);
};

// Below the line that is being written where that is what a picture shows: `![here](…)`.
const put = (markdown) => {
  const before = text.value.slice(0, text.selectionStart).match(/!\[[^\]\n]*$/);
  const after = text.value.slice(text.selectionStart).match(/^[^\]\n]*\]\([^)\n]*\)/);
  if (before && after) {
    const end = text.selectionStart + after[0].length;
    text.setSelectionRange(end, end);
  }
  block(markdown);
  const found = markdown.match(/!\[\]\(/);
  if (found) { // the place for what the first picture shows
    const place = text.value.lastIndexOf(markdown, text.selectionStart) + found.index + 2;
    text.setSelectionRange(place, place);
    tell(words.describe, "warn");
  }
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-medium]");
  if (!button) return;
  put(button.dataset.medium);
  button.closest("details").removeAttribute("open");
});

document.querySelector("[data-choose]")?.addEventListener("click", () => {
  const field = Object.assign(document.createElement("input"), { type: "file", multiple: true });
  field.addEventListener("change", () => take([...field.files]));
  field.click();
});

text.addEventListener("paste", (event) => {
  const files = [...event.clipboardData.files];
  if (!files.length || event.clipboardData.types.includes("text/plain")) return;
  event.preventDefault();
  take(files);
});
text.addEventListener("dragover", (event) => {
  if (event.dataTransfer.types.includes("Files")) event.preventDefault();
});
text.addEventListener("drop", (event) => {
  if (!event.dataTransfer.files.length) return;
  event.preventDefault();
  take([...event.dataTransfer.files]);
});

function insert(added) {
  text.focus();
  if (!document.execCommand("insertText", false, added)) {
    text.setRangeText(added, text.selectionStart, text.selectionEnd, "end");
    text.dispatchEvent(new Event("input", { bubbles: true }));
  }
}
