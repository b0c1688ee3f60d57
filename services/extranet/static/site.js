// Live where it helps; every page is complete without it.
"use strict";
(() => {
  const say = (words, loud) => {
    const region = document.getElementById(loud ? "crie" : "dit");
    if (region) region.textContent = words;
  };

  // A summary of errors takes the focus when the page opens.
  document.querySelector(".errors[tabindex], .refusal[tabindex]")?.focus();

  // A deep link into an answer opens it.
  const open = () => {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    target?.closest("details")?.setAttribute("open", "");
  };
  addEventListener("hashchange", open);
  open();

  // Said aloud: what the server put into an element marked data-dit (polite) or data-crie (assertive).
  document.addEventListener("htmx:afterSwap", (event) => {
    for (const found of event.detail.target.parentElement?.querySelectorAll("[data-dit], [data-crie]") ?? [])
      say(found.dataset.dit ?? found.dataset.crie, "crie" in found.dataset);
  });
})();
