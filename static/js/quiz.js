// Saves every answer by itself as soon as it is chosen, and counts the time down.
// Without this script the form does the same when a button is pressed.

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

  const send = async (body, number) => {
    const latest = () => number === next;
    try {
      const response = await fetch(form.action, {
        method: "POST",
        body,
        headers: { Accept: "application/json" },
        redirect: "error",
        keepalive: true, // a save on its way outlives the page
      });
      if (!latest()) return;
      if (response.status === 401) return say(form.dataset.expired, "warn");
      const answer = await response.json();
      if (answer.saved) {
        say(form.dataset.saved, "ok");
        showInMap(answer.answer.length > 0);
      }
      else {
        // Answered elsewhere: the learner is told; what they choose after that is newer.
        next = Math.max(next, answer.seq ?? 0);
        seq.value = next + 1;
        say(answer.message || form.dataset.failed, "warn");
      }
    } catch {
      if (latest()) say(form.dataset.failed, "warn");
    }
  };

  form.addEventListener("change", (event) => {
    if (event.target.name !== "answer") return;
    next += 1;
    seq.value = next;
    const body = new URLSearchParams(new FormData(form));
    const number = next;
    say(form.dataset.saving, "");
    // One after the other: an older save never overtakes a newer one.
    sending = sending.then(() => send(body, number));
  });
}

const timer = document.querySelector("[data-timer]");

if (timer) {
  const end = Date.now() + Number(timer.dataset.timer) * 1000;
  const show = () => {
    const left = Math.max(0, Math.ceil((end - Date.now()) / 1000));
    timer.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    if (left === 0) {
      clearInterval(ticking);
      // Not before the last answer has arrived: the server takes it for a minute more.
      sending.finally(() => setTimeout(() => location.reload(), 500));
    }
  };
  const ticking = setInterval(show, 1000);
  show();
}
