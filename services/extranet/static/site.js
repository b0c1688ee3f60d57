// Live where it helps; every page is complete without it.
"use strict";
(() => {
  const main = document.getElementById("contenu");
  const say = (words, loud) => {
    const region = document.getElementById(loud ? "crie" : "dit");
    if (region) region.textContent = words;
  };

  // A summary of errors takes the focus when the page opens.
  if (!location.hash) document.querySelector(".errors[tabindex], .refus[tabindex]")?.focus();

  // A deep link into an answer opens it.
  const open = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    target?.closest("details")?.setAttribute("open", "");
  };
  addEventListener("hashchange", open);
  open();

  // Said aloud: what the server put into an element marked data-dit (polite) or data-crie (assertive).
  document.addEventListener("htmx:afterSwap", (event) => {
    for (const found of event.detail.target.parentElement?.querySelectorAll("[data-dit], [data-crie]") ?? [])
      say(found.dataset.dit ?? found.dataset.crie, "crie" in found.dataset);
  });

  // What a page whose session is over says: on top, once, aloud.
  const over = (words) => {
    const link = document.createElement("a");
    link.href = `/connexion?suite=${encodeURIComponent(location.pathname + location.search)}`;
    link.textContent = "Se reconnecter";
    warn("session-finie", words, link);
  };
  const warn = (id, words, way) => {
    if (!main || document.getElementById(id)) return;
    const text = document.createElement("p"), box = document.createElement("div");
    text.append(`${words} `, way);
    box.id = id;
    box.className = "banner warn";
    box.append(text);
    main.prepend(box);
    say(words, true);
  };
  document.addEventListener("htmx:responseError", (event) => {
    if (event.detail.xhr.status === 401) over("Votre session s’est terminée : ce que vous avez saisi reste sur cette page.");
  });

  // ── a session that is about to end: said ten minutes before, in every window; one click goes on ────────────────
  // The cookie that says when is that of the session: another window that goes on goes on for all.
  const WARNING = 600;
  const left = () => Number(document.cookie.match(/(?:^|; )formelie-fin=(\d+)/)?.[1] ?? NaN) - Date.now() / 1000;
  const stay = document.createElement("button");
  stay.type = "button";
  stay.className = "btn two compact";
  stay.textContent = "Rester connecté";
  stay.addEventListener("click", async () => {
    const token = JSON.parse(document.body.getAttribute("hx-headers"));
    const answer = await fetch("/connexion/prolonger", { method: "POST", headers: { ...token, "HX-Request": "true" } }).catch(() => null);
    if (answer?.status === 401) over("Votre session s’est terminée : ce que vous avez saisi reste sur cette page.");
    else if (answer?.ok) say("Vous restez connecté.");
    watch();
  });
  const watch = () => {
    if (!(left() < WARNING)) document.getElementById("session-bientot")?.remove();
    else {
      const at = new Date(Date.now() + left() * 1000).toLocaleTimeString("fr-FR", { hour: "numeric", minute: "2-digit" }).replace(":", "\u00a0h\u00a0");
      warn("session-bientot", `Votre session se termine à ${at}. Ce que vous avez saisi ne sera pas perdu.`, stay);
    }
  };
  watch();
  setInterval(watch, 30_000);
  document.addEventListener("visibilitychange", watch);

  // ── alerts as they come ────────────────────────────────────────────────────────────────────────────────────────
  // One stream a browser: the window that holds the lock has it, and passes on what comes to the others.
  const bell = document.getElementById("alertes-nombre");
  if (!bell) return;
  const channel = "BroadcastChannel" in window ? new BroadcastChannel("formelie") : null;
  const store = (() => { try { return localStorage; } catch { return null; } })();
  const last = `formelie:flux:${bell.dataset.visite}`;
  let source = null;

  const heard = {
    nombre: (words) => { bell.innerHTML = words; },
    alerte: (told) => {
      const alert = JSON.parse(told);
      if (alert.new) say(`Nouvelle alerte : ${alert.title}`);
      refresh();
    },
    relire: () => refresh(),
    fin: () => { stop(); over("Vous êtes déconnecté : ce que vous avez saisi reste sur cette page."); },
  };
  channel?.addEventListener("message", (event) => heard[event.data.name]?.(event.data.data));
  const tell = (name, data) => { channel?.postMessage({ name, data }); heard[name](data); };

  // A list marked data-vivant is read again; whatever holds the focus stays as it is.
  let reading = null;
  const refresh = () => {
    clearTimeout(reading);
    reading = setTimeout(async () => {
      for (const list of document.querySelectorAll("[data-vivant][id]")) {
        const answer = await fetch(location.href);
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const fresh = page.getElementById(list.id);
        if (answer.ok && fresh) merged(list, fresh);
      }
    }, 200);
  };
  const merged = (list, fresh) => {
    const held = (element) => element.contains(document.activeElement);
    const before = new Map([...list.children].map((item) => [item.id, item]));
    let place = list.firstElementChild;
    for (const item of [...fresh.children]) {
      const mine = before.get(item.id);
      before.delete(item.id);
      if (!mine) list.insertBefore(document.adoptNode(item), place);
      else {
        if (mine === place) place = mine.nextElementSibling;
        if (!held(mine) && mine.dataset.version !== item.dataset.version) mine.replaceWith(document.adoptNode(item));
      }
    }
    for (const gone of before.values()) if (!held(gone)) gone.remove();
    const section = list.closest("section"), none = document.getElementById("alertes-aucune");
    if (section) section.hidden = !list.firstElementChild;
    if (none) none.hidden = Boolean(document.querySelector("[data-vivant] > *"));
  };

  const stop = () => { source?.close(); source = null; };
  const follow = () => new Promise((leave) => {
    source = new EventSource(`/alertes/flux?depuis=${encodeURIComponent(store?.getItem(last) ?? "")}`);
    for (const name of ["nombre", "alerte", "relire"])
      source.addEventListener(name, (event) => { store?.setItem(last, event.lastEventId); tell(name, event.data); });
    source.addEventListener("error", () => {
      if (source?.readyState !== EventSource.CLOSED) return;  // it comes back by itself, and says where it was
      stop();
      leave();
    });
    addEventListener("pagehide", () => { stop(); leave(); }, { once: true });
  });
  const ask = async () => {
    const answer = document.hidden ? null : await fetch("/alertes/nombre", { headers: { "HX-Request": "true" } }).catch(() => null);
    if (answer?.ok) heard.nombre(await answer.text());
    if (answer?.status !== 401) setTimeout(ask, 60000);
  };
  const start = () => {
    if (channel && navigator.locks && "EventSource" in window) navigator.locks.request("formelie-flux", follow);
    else setTimeout(ask, 60000);
  };
  addEventListener("pageshow", (event) => { if (event.persisted) start(); });
  start();

  for (const out of document.querySelectorAll("form[action='/deconnexion']"))
    out.addEventListener("submit", () => { stop(); channel?.postMessage({ name: "fin" }); });
})();
