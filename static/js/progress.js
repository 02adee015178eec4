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
    for (const name of ["progress", "h2", "[role=status]"]) {
      const [shown, now] = [region, fresh].map((each) => each.querySelector(name));
      if (name === "progress") shown.value = now.value;
      else if (shown.textContent !== now.textContent) shown.textContent = now.textContent;
    }
  } catch {
    // The network is away for a moment.
  }
  setTimeout(look, PAUSE);
};

setTimeout(look, PAUSE);
