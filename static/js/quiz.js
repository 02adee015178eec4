// Saves every answer by itself as soon as it is chosen, or after a pause in typing, and counts the
// time down.
// Without this script the form does the same when a button is pressed.

// A save that did not arrive is tried again, for as long as this page is open: after these pauses,
// or later where the server says so (Retry-After).
const FIRST_PAUSE = 2;
const LONGEST_PAUSE = 30; // seconds
const PATIENCE = 20000; // milliseconds without an answer
const TYPING_PAUSE = 800; // milliseconds
const KEPT_ALIVE = 60000; // characters: browsers refuse more to what outlives its page

const form = document.querySelector("[data-quiz]");
let sending = Promise.resolve();

if (form) {
  const state = form.querySelector("[data-state]");
  const seq = form.elements.namedItem("seq");
  let next = Number(seq.value) - 1;

  const say = (text, tone) => {
    state.className = `status${tone ? ` status--${tone}` : ""}`;
    state.textContent = text;
  };

  // The question map shows what the server holds, so it follows a save, not a click.
  const showInMap = (answered) => {
    const item = document.querySelector(".q[aria-current]");
    if (item.classList.contains("q--ok") === answered) return;
    item.classList.toggle("q--ok", answered);
    item.setAttribute("aria-label", answered ? item.dataset.saved : item.dataset.open);
    const step = answered ? 1 : -1;
    for (const [name, change] of [["saved", step], ["open", -step]]) {
      for (const count of document.querySelectorAll(`[data-count=${name}]`)) {
        count.textContent = Number(count.textContent) + change;
      }
    }
  };

  // A file goes with a button, not by itself.
  const answered = () => {
    const data = new FormData(form);
    data.delete("file");
    return new URLSearchParams(data);
  };

  const post = (body) => fetch(form.action, {
    method: "POST",
    body,
    headers: { Accept: "application/json" },
    redirect: "manual", // no answer to a script: the form will follow it
    keepalive: String(body).length < KEPT_ALIVE, // a save on its way outlives the page
    signal: AbortSignal.timeout(PATIENCE),
  });

  // The network's return, or a newer choice, ends a pause.
  let wake = () => {};
  addEventListener("online", () => wake());

  const pause = (seconds) => new Promise((done) => {
    wake = done;
    setTimeout(done, seconds * 1000 * (1 + Math.random() / 4)); // not all pages at once
  });

  const tell = async (response) => {
    const read = response.json();
    const answer = await (response.ok ? read : read.catch(() => ({})));
    const field = form.querySelector("#jawaban");
    field?.setAttribute("aria-invalid", String(response.status === 422));
    if (answer.saved) {
      const open = answer.answer.length > 0 && !answer.complete;
      say(open ? answer.lacks || form.dataset.partial : form.dataset.saved, open ? "warn" : "ok");
      showInMap(answer.complete);
    } else {
      // Answered elsewhere: the learner is told; what they choose after that is newer.
      next = Math.max(next, answer.seq ?? 0);
      seq.value = next + 1;
      say(answer.message || form.dataset.failed, "warn");
    }
  };

  // The same save until the server has taken or refused it, or a newer choice replaces it.
  const send = async (body, number) => {
    const latest = () => number === next;
    for (let wait = FIRST_PAUSE; latest(); wait = Math.min(2 * wait, LONGEST_PAUSE)) {
      let asked = 0;
      try {
        const response = await post(body);
        if (!latest()) return;
        if (response.status === 401) {
          const { signInAgain } = await import("./sign-in-again.js");
          if (!(await signInAgain())) return say(form.dataset.expired, "warn");
          body.set("csrf_token", form.elements.namedItem("csrf_token").value);
          continue;
        }
        if (response.status < 500 && response.status !== 429) return await tell(response);
        asked = Number(response.headers.get("Retry-After")) || 0;
      } catch {
        // No answer, or none that can be read: whether it was saved, the next try will tell.
      }
      if (!latest()) return;
      say(form.dataset.retrying, "warn");
      await pause(Math.max(wait, asked));
    }
  };

  // A text that is being typed already has the number of its save, so that a button pressed
  // meanwhile sends it under that number.
  let typing = 0;

  const count = () => {
    next += 1;
    seq.value = next;
  };

  const save = () => {
    clearTimeout(typing);
    typing = 0;
    const body = answered();
    const number = next;
    say(form.dataset.saving, "");
    wake();
    // One after the other: an older save never overtakes a newer one.
    sending = sending.then(() => send(body, number));
  };

  form.addEventListener("input", (event) => {
    if (event.target.id !== "jawaban") return;
    if (!typing) count();
    clearTimeout(typing);
    typing = setTimeout(save, TYPING_PAUSE);
    say(form.dataset.typing, "");
  });

  form.addEventListener("change", (event) => {
    if (event.target.name !== "answer") return;
    if (event.target.id !== "jawaban") {
      count();
      save();
    } else if (typing) {
      save();
    }
  });

  form.addEventListener("submit", () => {
    clearTimeout(typing);
    typing = 0;
  });

  // Before the page is left or put away; what is sent twice is saved once.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden && typing) save();
  });
  addEventListener("pagehide", () => {
    if (!typing) return;
    clearTimeout(typing);
    typing = 0;
    post(answered()).catch(() => {});
  });
}

const timer = document.querySelector("[data-timer]");

if (timer) {
  const end = Date.now() + Number(timer.dataset.timer) * 1000;
  // Told once each, politely, also while the timer is folded away.
  const told = document.querySelector("[data-timer-told]");
  const warnings = [[300, told.dataset.five], [60, told.dataset.one]];
  const pad = (number) => String(number).padStart(2, "0");
  let before = Number(timer.dataset.timer) + 1;
  const show = () => {
    const left = Math.max(0, Math.ceil((end - Date.now()) / 1000));
    const hours = Math.floor(left / 3600);
    const minutes = Math.floor(left / 60) % 60;
    timer.textContent = `${hours ? `${hours}:${pad(minutes)}` : minutes}:${pad(left % 60)}`;
    for (const [at, words] of warnings) {
      if (left > 0 && left <= at && at < before) told.textContent = words;
    }
    before = left;
    if (left === 0) {
      clearInterval(ticking);
      // Not before the last answer has arrived: the server takes it for a minute more.
      sending.finally(() => setTimeout(() => location.reload(), 500));
    }
  };
  const ticking = setInterval(show, 1000);
  show();
}
