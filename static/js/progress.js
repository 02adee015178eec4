// A page that tells how far a job is: looks again every two seconds, and comes anew when it is done.
// Without this script its link does the same.
const PAUSE = 2000; // milliseconds

const look = async () => {
  const region = document.querySelector("[data-progress]");
  try {
    const response = await fetch(location.href);
    if (!response.ok) return;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const fresh = page.querySelector("[data-progress]");
    if (!fresh) return location.reload();
    const [bar, now] = [region, fresh].map((each) => each.querySelector("progress"));
    bar.value = now.value;
    region.querySelector("p").textContent = fresh.querySelector("p").textContent;
    const [words, newWords] = [region, fresh].map((each) => each.querySelector("[role=status]"));
    if (words.textContent !== newWords.textContent) words.textContent = newWords.textContent;
  } catch {
    // The network is away for a moment.
  }
  setTimeout(look, PAUSE);
};

setTimeout(look, PAUSE);
