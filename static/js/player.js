// The player: Alt+arrows, the reading position, the time in sight, notes that save themselves.
// Without this script the buttons do what is needed, and reading begins at the top.

const TICK = 1; // seconds
const REPORT_EVERY = 20; // seconds
const IDLE_AFTER = 60000; // milliseconds without a key, a touch or a move: nobody is reading
const RETRY = 5000;

const post = (url, body) => fetch(url, {
  method: "POST",
  body: new URLSearchParams(body),
  headers: { Accept: "application/json" },
  redirect: "manual",
  keepalive: true, // what is on its way outlives the page
});

document.addEventListener("keydown", (event) => {
  const rel = { ArrowLeft: "prev", ArrowRight: "next" }[event.key];
  if (!rel || !event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (event.target.closest("input, textarea, select")) return; // moves by words there
  event.preventDefault();
  document.querySelector(`a[rel=${rel}]`)?.click();
});

const article = document.querySelector("[data-reading]");

if (article) {
  const done = document.querySelector("[data-done]");
  const lacks = document.querySelector("[data-lacks]");
  const text = article.querySelector("[data-text]");
  const blocks = text ? [...text.children] : [...article.children].slice(1); // below the heading
  const media = [...article.querySelectorAll("video, audio")]; // the second is the sound alone
  const top = () => document.querySelector(".topbar")?.offsetHeight ?? 0;
  let seq = Number(article.dataset.seq);
  let seconds = 0;
  let atEnd = false;
  let sending = false;
  let sent = "";
  let active = Date.now();
  let touched = false;
  let ticks = 0;
  let playing = null; // the medium last played
  let played = []; // [from, to] in seconds, since the last report that was taken

  // A thousand for every block above the upper edge, and thousandths of the block at it: the same
  // place on a screen of any width.
  const position = () => {
    if (media.length) return Math.floor(playing?.currentTime ?? article.dataset.position);
    if (scrollY < 1) return 0;
    const index = blocks.findIndex((block) => block.getBoundingClientRect().bottom > top());
    if (index < 0) return blocks.length * 1000;
    const box = blocks[index].getBoundingClientRect();
    const part = Math.min(Math.max((top() - box.top) / (box.height || 1), 0), 0.999);
    return index * 1000 + Math.floor(part * 1000);
  };

  const goTo = (place) => {
    const block = blocks[Math.min(Math.floor(place / 1000), blocks.length - 1)];
    const box = block?.getBoundingClientRect();
    if (!box) return;
    const down = scrollY + box.top + box.height * (place % 1000) / 1000 - top();
    scrollTo({ top: down, behavior: "instant" });
  };

  const place = Number(article.dataset.position);
  if (place > 0 && !text && !location.hash && scrollY < 1) goTo(place);

  const report = () => ({
    csrf_token: document.querySelector("[name=csrf_token]").value,
    opened: done?.elements.opened.value ?? "",
    seq: seq + 1,
    seconds,
    position: position(),
    ...(atEnd && { end: "1" }),
    ...(played.length && { watched: played.map(([a, b]) => `${Math.floor(a)}-${Math.round(b)}`).join() }),
  });

  // One report at a time; what was not taken is part of the next one.
  const send = async () => {
    const body = report();
    const news = `${body.position} ${atEnd}`;
    const told = played.length;
    if (!article.dataset.reading || sending || (!seconds && news === sent)) return;
    sending = true;
    try {
      const response = await post(article.dataset.reading, body);
      if (!response.ok) return;
      const answer = await response.json();
      if (answer.seq === body.seq) {
        seconds = Math.max(0, seconds - body.seconds);
        // The last range may have grown meanwhile: what it has told already does no harm.
        played = played.slice(Math.max(0, told - 1));
        sent = news;
      }
      seq = answer.seq; // another tab may be ahead
      if (lacks) {
        lacks.textContent = answer.message;
        lacks.classList.toggle("status--ok", answer.done);
      }
    } catch {
      // No answer: the next report tells it again.
    } finally {
      sending = false;
    }
  };

  for (const kind of ["scroll", "keydown", "pointerdown", "pointermove", "touchstart"]) {
    addEventListener(kind, () => {
      active = Date.now();
      touched = true;
    }, { passive: true });
  }

  setInterval(() => {
    if (document.visibilityState !== "visible" || Date.now() - active > IDLE_AFTER) return;
    seconds += TICK;
    ticks += 1;
    const last = blocks.at(-1);
    // Not while the text is folded away.
    const reached = last?.offsetHeight > 0 && last.getBoundingClientRect().bottom <= innerHeight;
    const news = reached && !atEnd;
    atEnd ||= reached;
    if (news || ticks % REPORT_EVERY === 0) send();
  }, TICK * 1000);

  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && touched) send();
  });

  for (const medium of media) {
    let last = null; // seconds; none after a jump
    medium.addEventListener("seeking", () => { last = null; });
    medium.addEventListener("pause", () => send());
    medium.addEventListener("play", () => {
      for (const other of media) if (other !== medium) other.pause();
    });
    medium.addEventListener("timeupdate", () => {
      const now = medium.currentTime;
      const before = last;
      last = now;
      playing = medium;
      if (before === null || now <= before || medium.seeking) return;
      if (document.visibilityState !== "visible") return;
      active = Date.now();
      touched = true;
      const range = played.at(-1);
      if (range && Math.abs(range[1] - before) < 0.01) range[1] = now;
      else played.push([before, now]);
    });
  }

  const speed = article.querySelector("[data-speed]");
  if (speed) {
    speed.hidden = false;
    speed.addEventListener("change", (event) => {
      for (const medium of media) medium.playbackRate = Number(event.target.value);
    });
  }

  const resume = article.querySelector("[data-resume]");
  if (resume) {
    resume.hidden = false;
    resume.addEventListener("click", () => {
      media[0].currentTime = Number(resume.dataset.resume);
      media[0].play();
      resume.hidden = true;
    });
  }

  // The button carries the last report itself.
  done?.addEventListener("submit", () => {
    for (const [name, value] of Object.entries(report())) {
      if (done.elements[name]) continue;
      done.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    }
  });
}

const note = document.querySelector("[data-note]");

if (note) {
  const state = note.querySelector("[data-state]");
  const { text, seq } = note.elements;
  let kept = text.value;
  let timer = 0;
  let saving = false;
  let refused = false; // changed elsewhere: only the button replaces it

  const say = (words, tone) => {
    state.className = `status${tone ? ` status--${tone}` : ""}`;
    state.textContent = words;
  };

  const later = (pause) => {
    clearTimeout(timer);
    timer = setTimeout(save, pause);
  };

  const save = async () => {
    clearTimeout(timer);
    if (saving || refused || text.value === kept) return;
    saving = true;
    const value = text.value;
    say(note.dataset.saving, "");
    try {
      const response = await post(note.action, new FormData(note));
      if (response.status === 401) return say(note.dataset.expired, "warn");
      if (response.status >= 500 || response.status === 429) throw new Error();
      const answer = await response.json();
      seq.value = (answer.seq ?? 0) + 1;
      if (answer.saved) kept = value;
      refused = response.status === 409;
      say(answer.message, answer.saved ? "ok" : "warn");
      if (answer.saved && text.value !== kept) later(0);
    } catch {
      say(note.dataset.failed, "warn");
      later(RETRY);
    } finally {
      saving = false;
    }
  };

  text.addEventListener("input", () => later(1500));
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") save();
  });
}
