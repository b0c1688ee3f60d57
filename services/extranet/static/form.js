// Unsent edits stay in the browser until the server has them; a failed save says so and is tried again.
"use strict";
(() => {
  const form = document.querySelector("form[data-brouillon]");
  const store = (() => { try { return localStorage; } catch { return null; } })();
  const name = `formelie:${location.pathname}`;
  const state = () => document.getElementById("enregistre");
  if (!form || !store) return;

  const kept = () => JSON.parse(store.getItem(name) ?? "{}");
  const keep = (edits) => Object.keys(edits).length ? store.setItem(name, JSON.stringify(edits)) : store.removeItem(name);
  let sending = {};

  form.addEventListener("input", (event) => {
    if (event.target.name) keep({ ...kept(), [event.target.name]: event.target.value });
  });
  form.addEventListener("htmx:beforeRequest", () => { sending = kept(); });
  form.addEventListener("htmx:afterRequest", (event) => {
    if (event.target !== form) return;
    const edits = kept();
    if (event.detail.successful) {
      for (const [field, value] of Object.entries(sending)) if (edits[field] === value) delete edits[field];
      keep(edits);
    } else failed(event.detail.xhr?.status);
  });
  form.addEventListener("htmx:sendError", () => failed(0));

  function failed(status) {
    const ended = status === 401;
    const labels = Object.keys(kept()).map((field) => form.elements[field]?.labels?.[0]?.firstChild?.textContent.trim()).filter(Boolean);
    const words = ended ? "Votre session s’est terminée." : "Impossible d’enregistrer pour l’instant.";
    const box = state();
    box.className = "saved fail";
    box.replaceChildren();
    const text = document.createElement("span");
    text.textContent = `${words} Gardé dans ce navigateur : ${labels.join(", ") || "votre saisie"}. `;
    const act = document.createElement(ended ? "a" : "button");
    if (ended) act.href = `/connexion?fin=1&suite=${encodeURIComponent(location.pathname)}`;
    else { act.type = "button"; act.className = "btn two compact"; act.addEventListener("click", () => htmx.trigger(form, "change")); }
    act.textContent = ended ? "Se reconnecter" : "Réessayer";
    box.append(text, act);
    document.getElementById("crie").textContent = text.textContent;
    if (!ended) setTimeout(() => Object.keys(kept()).length && htmx.trigger(form, "change"), 10000);
  }

  // Back on the page: what was typed and never reached the server takes its place again, and is sent.
  const edits = kept();
  const found = Object.entries(edits).filter(([field, value]) => form.elements[field] && form.elements[field].value !== value);
  for (const [field, value] of found) form.elements[field].value = value;
  if (found.length) {
    document.getElementById("dit").textContent = "Votre saisie a été retrouvée dans ce navigateur.";
    addEventListener("load", () => htmx.trigger(form, "change"));
  } else keep({});

  // A form sent by its own button has no unsent edits any more; signing out forgets them all.
  form.addEventListener("submit", () => store.removeItem(name));
  for (const out of document.querySelectorAll("form[action='/deconnexion']"))
    out.addEventListener("submit", () => { for (const key of Object.keys(store)) if (key.startsWith("formelie:")) store.removeItem(key); });
  addEventListener("beforeunload", (event) => { if (Object.keys(kept()).length && !navigator.onLine) event.preventDefault(); });
})();
