// A form that saves itself: what the server has not answered for stays in this browser, is said, and is sent again.
"use strict";
(() => {
  const form = document.getElementById("formulaire");
  const store = (() => { try { return localStorage; } catch { return null; } })();
  if (!form || !store) return;

  const RETRY = 10_000;
  const place = `formelie:${form.dataset.brouillon}:`;
  const name = place + location.pathname;
  const region = (id) => document.getElementById(id);
  const make = (tag, text, more = {}) => Object.assign(document.createElement(tag), { textContent: text }, more);

  // ── what the server does not have yet: field -> its value, and the mark of what the page showed then ───────────
  const kept = () => JSON.parse(store.getItem(name) ?? "{}");
  const keep = (edits) => Object.keys(edits).length ? store.setItem(name, JSON.stringify(edits)) : store.removeItem(name);
  const mark = (field) => form.elements[`lu.${field.split(".")[0]}`];
  const unsent = () => Object.keys(kept()).length > 0;
  let sending = {}, leaving = null, submitted = false, again = null;

  form.addEventListener("input", ({ target }) => {
    if (target.name && mark(target.name)) keep({ ...kept(), [target.name]: { value: target.value, lu: mark(target.name).value } });
  });

  const save = () => htmx.trigger(form, "garder");
  form.addEventListener("htmx:beforeRequest", () => { sending = kept(); clearTimeout(again); });
  form.addEventListener("htmx:afterRequest", (event) => {
    if (event.target !== form || !event.detail.successful) return;
    const edits = kept();
    for (const [field, { value }] of Object.entries(sending)) if (edits[field]?.value === value) delete edits[field];
    keep(edits);
    region("enregistre").className = "saved";
  });
  form.addEventListener("htmx:afterSettle", () => {
    for (const line of form.querySelectorAll("[id$='-e']")) judge(line);
    if (leaving && !unsent()) location.assign(leaving);
  });
  form.addEventListener("htmx:responseError", (event) => {
    event.stopPropagation(); // it is said here, with what is not saved and what to do
    failed(event.detail.xhr.status);
  });
  form.addEventListener("htmx:sendError", () => failed(0));
  form.addEventListener("htmx:timeout", () => failed(0));

  // The line under a field has changed: what it says of its control changes with it.
  function judge(line) {
    const field = document.getElementById(line.id.slice(0, -2));
    if (!field?.name) return;
    const wrong = line.className === "error" || "revoir" in line.dataset;
    wrong ? field.setAttribute("aria-invalid", "true") : field.removeAttribute("aria-invalid");
  }

  // ── a save that failed ─────────────────────────────────────────────────────────────────────────────────────────
  function failed(status) {
    leaving = null;
    if (status === 403) return void renew().then((ours) => ours ? save() : tell("Cette page a été ouverte dans une autre session.", act("Recharger la page", () => location.reload())));
    if (status === 401) tell("Votre session s’est terminée.", act("Se reconnecter", () => region("reconnexion").showModal()));
    else {
      tell("Impossible d’enregistrer pour l’instant.", act("Réessayer", save));
      again = setTimeout(() => unsent() && save(), RETRY);
    }
  }

  function tell(words, button) {
    const fields = Object.keys(kept()).map((field) => form.elements[field]?.labels?.[0]?.firstChild.textContent.trim());
    const what = [...new Set(fields.filter(Boolean))].join(", ");
    const text = `${words}${what ? ` Pas encore enregistré : ${what}.` : ""} Votre saisie est gardée sur cet appareil. `;
    region("enregistre").className = "saved fail";
    region("enregistre").replaceChildren(make("span", text), button);
    region("crie").textContent = text;
  }

  const act = (words, what) => {
    const button = make("button", words, { type: "button", className: "btn two compact" });
    button.addEventListener("click", what);
    return button;
  };

  addEventListener("online", () => unsent() && save());

  // ── signing in again without leaving the form (F2) ─────────────────────────────────────────────────────────────
  const read = async (answer) => new DOMParser().parseFromString(await answer.text(), "text/html");
  const theirs = (page) => page.getElementById("formulaire");

  function take(page) {
    const token = theirs(page).elements.jeton.value;
    for (const input of document.querySelectorAll("input[name=jeton]")) input.value = token;
    document.body.setAttribute("hx-headers", JSON.stringify({ "X-Jeton": token }));
    region("session-finie")?.remove();
  }

  // A session that began in another window: this page takes its token, if it is the same person's.
  async function renew() {
    const page = await read(await fetch(location.pathname));
    const ours = theirs(page)?.dataset.brouillon === form.dataset.brouillon;
    if (ours) take(page);
    return ours;
  }

  const dialog = region("reconnexion");
  dialog.querySelector("[data-fermer]").addEventListener("click", () => dialog.close());
  dialog.querySelector("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const said = region("reconnexion-erreur");
    said.textContent = "";
    try {
      const door = await read(await fetch("/connexion"));
      const given = new URLSearchParams({
        jeton: door.querySelector("input[name=jeton]").value, suite: location.pathname,
        login: region("re-login").value, password: region("re-pass").value,
      });
      const page = await read(await fetch("/connexion", { method: "POST", body: given }));
      const inside = theirs(page);
      if (!inside) said.textContent = page.querySelector(".banner.stop")?.textContent.trim() ?? "Connexion impossible.";
      else if (inside.dataset.brouillon !== form.dataset.brouillon) location.reload();
      else {
        take(page);
        dialog.close();
        save();
      }
    } catch {
      said.textContent = "Le site ne répond pas. Votre saisie reste gardée sur cet appareil : réessayez dans un instant.";
    }
    region("re-pass").value = "";
  });

  // ── leaving ────────────────────────────────────────────────────────────────────────────────────────────────────
  // A link waits for what is unsent; only what could not be sent is worth a warning.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link || !unsent() || event.ctrlKey || event.metaKey || event.shiftKey || link.target || link.origin !== location.origin) return;
    if (link.pathname === location.pathname && link.hash) return;
    event.preventDefault();
    leaving = link.href;
    save();
  });
  addEventListener("beforeunload", (event) => { if (unsent() && !submitted) event.preventDefault(); });
  form.addEventListener("submit", () => { submitted = true; sessionStorage.setItem("formelie:envoi", name); });
  addEventListener("pageshow", () => { submitted = false; });
  for (const out of document.querySelectorAll("form[action='/deconnexion']"))
    out.addEventListener("submit", () => {
      submitted = true;
      for (const key of Object.keys(store)) if (key.startsWith("formelie:")) store.removeItem(key);
    });

  // ── coming back: what never reached the server takes its place again, and is sent ──────────────────────────────
  const before = sessionStorage.getItem("formelie:envoi");
  sessionStorage.removeItem("formelie:envoi");
  if (before && before !== name) store.removeItem(before); // the button of that page has brought us here
  const found = Object.entries(kept()).filter(([field, { value }]) => form.elements[field] && form.elements[field].value !== value);
  for (const [field, { value, lu }] of found) {
    form.elements[field].value = value;
    if (mark(field)) mark(field).value = lu;
  }
  keep(Object.fromEntries(found));
  if (found.length) {
    region("dit").textContent = "Votre saisie a été retrouvée sur cet appareil ; elle s’enregistre.";
    addEventListener("load", save);
  }
})();
