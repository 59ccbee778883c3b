// The one script of the live page, as text. Every page works without it: it keeps the page up to
// date, keeps a form from being posted twice, and copies commands.

/** Sent as /live.js. */
export const SCRIPT = `"use strict";
(() => {
  const main = document.getElementById("main");
  const stale = document.getElementById("stale");

  function say(text) {
    stale.textContent = text;
    stale.hidden = text === "";
  }

  /** A keyboard stays where it was: at the link or button that says the same. */
  function focusLike(part, before) {
    for (const element of part.querySelectorAll("a, button")) {
      if (element.textContent !== before.textContent) continue;
      element.focus({ preventScroll: true });
      return;
    }
  }

  function apply(parts) {
    for (const [name, markup] of Object.entries(parts)) {
      const part = document.querySelector('[data-live="' + name + '"]');
      if (part === null) continue;
      const before = part.contains(document.activeElement) ? document.activeElement : null;
      part.innerHTML = markup;
      if (before !== null) focusLike(part, before);
    }
  }

  const path = main.dataset.events;
  if (path !== undefined && "EventSource" in window) {
    const source = new EventSource(path);
    source.addEventListener("parts", (event) => {
      say("");
      apply(JSON.parse(event.data));
      main.dataset.live = "on";
    });
    source.addEventListener("end", () => {
      source.close();
      say("This page is no longer updated. Reload it.");
    });
    source.addEventListener("error", () => {
      say(
        source.readyState === EventSource.CLOSED
          ? "This page is no longer updated. Reload it."
          : "Connection lost: this page may be out of date. Trying again.",
      );
    });
    // A browser keeps pages for going back to; a stream that goes on unseen would cost for nothing.
    window.addEventListener("pagehide", () => source.close());
    window.addEventListener("pageshow", (event) => {
      if (event.persisted) location.reload();
    });
  }

  document.addEventListener("submit", (event) => {
    const button = event.target.querySelector("button:not([type])");
    if (event.target.dataset.sent !== undefined) event.preventDefault();
    event.target.dataset.sent = "";
    if (button !== null) button.setAttribute("aria-busy", "true");
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest ? event.target.closest("[data-copy]") : null;
    if (button === null || !navigator.clipboard) return;
    void navigator.clipboard.writeText(button.dataset.copy).then(() => {
      button.textContent = "Copied";
      setTimeout(() => {
        button.textContent = "Copy";
      }, 1500);
    });
  });
})();
`;
