// A form that filters a list below it: what it finds is shown while one types and chooses.
// Without this script its button does the same.
const PAUSE = 300; // milliseconds after the last key

for (const form of document.querySelectorAll("form[data-partial]")) {
  const region = document.getElementById(form.dataset.partial);
  let waiting, fetching;

  const refresh = async () => {
    const fields = [...new FormData(form)].filter(([, value]) => value.trim());
    const address = `${form.action}?${new URLSearchParams(fields)}`;
    fetching?.abort();
    fetching = new AbortController();
    const { signal } = fetching;
    region.setAttribute("aria-busy", "true");
    try {
      const response = await fetch(address, { signal });
      if (!response.ok || response.redirected) return location.assign(address);
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      const fresh = page.getElementById(region.id);
      // The status stays where it is, so that a screen reader says what changes in it.
      const status = region.querySelector("[data-status]");
      const now = fresh.querySelector("[data-status]");
      if (status.textContent !== now.textContent) status.replaceChildren(...now.childNodes);
      now.replaceWith(status);
      region.replaceChildren(...fresh.childNodes);
      history.replaceState(null, "", address);
    } catch (error) {
      if (error.name === "AbortError") return;
      region.querySelector("[data-status]").textContent = form.dataset.failed;
    }
    region.removeAttribute("aria-busy");
  };

  form.addEventListener("input", (event) => {
    clearTimeout(waiting);
    waiting = setTimeout(refresh, event.target.matches("select") ? 0 : PAUSE);
  });
}
