// A chosen file is checked, then sent at once, part by part: a cut costs the last part; its form waits for it.
// <input type="file" data-envoi="service" data-recu="id of the hidden field that takes its sha256">
// With data-nom, the id of a field that takes its name, the file is only read by its form: the first field takes its number.
"use strict";
(() => {
  const LARGEST = 20_000_000, PART = 512 * 1024, SOON = 30_000, HELD = 5;
  const THEN = "Votre fichier est encore en route : ce que vous envoyez partira de soi-même dès qu’il sera reçu.";
  const megabytes = new Intl.NumberFormat("fr-FR", { maximumFractionDigits: 1 });
  const jeton = JSON.parse(document.body.getAttribute("hx-headers") ?? "{}")["X-Jeton"] ?? "";
  const aloud = (words, wrong) => { document.getElementById(wrong ? "crie" : "dit").textContent = words; };
  const store = (() => { try { return sessionStorage; } catch { return null; } })();
  const pause = (milliseconds) => new Promise((go) => {
    const timer = setTimeout(go, milliseconds);
    addEventListener("online", () => { clearTimeout(timer); go(); }, { once: true });
  });

  class Refused extends Error {
    constructor(told) { super(`${told.title}. ${told.detail}`); this.code = told.code; }
  }

  // One request; a cut and a service that is away are waited out, whatever is refused is thrown.
  const ask = async (address, options) => {
    const answer = await fetch(address, { ...options, headers: { "X-Jeton": jeton, "HX-Request": "true" } });
    if (answer.status === 401)
      throw new Refused({ title: "Votre session s’est terminée", detail: "Reconnectez-vous, puis choisissez le fichier à nouveau : ce qui est déjà parti ne sera pas renvoyé." });
    if (answer.status >= 500) throw new TypeError("away");
    const told = await answer.json().catch(() => ({ title: "Envoi refusé", detail: "Rechargez la page, puis choisissez le fichier à nouveau." }));
    if (!answer.ok) throw new Refused(told);
    return told;
  };

  // The same file chosen again, in this window, goes on where it was.
  const place = (service, file) => {
    const name = `formelie:envoi:${service}:${file.name}:${file.size}:${file.lastModified}`;
    const bytes = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0"));
    const id = store?.getItem(name) ?? bytes.join("");
    store?.setItem(name, id);
    return `/envois/${service}/${id}`;
  };

  for (const input of document.querySelectorAll("input[type=file][data-envoi]")) {
    const form = input.form, kept = document.getElementById(input.dataset.recu), own = input.name;
    const said = document.createElement("div"), bar = document.createElement("progress");
    let sending = null, waiting = null;
    said.id = `${input.id}-envoi`;
    bar.setAttribute("aria-label", "Envoi du fichier");
    input.after(said);
    input.setAttribute("aria-describedby", `${input.getAttribute("aria-describedby") ?? ""} ${said.id}`.trim());

    const show = (words, kind = "quiet", ...more) => {
      const text = document.createElement("p");
      text.className = kind;
      text.textContent = words;
      said.replaceChildren(text, ...more);
      if (!waiting) return;
      const then = document.createElement("p");
      then.className = "quiet";
      then.textContent = THEN;
      said.append(then);
    };
    const wrong = (words) => {
      waiting = null;
      show(words, "error");
      aloud(words, true);
      input.value = "";
      input.setAttribute("aria-invalid", "true");
    };
    const fault = (file) => {
      const size = `${megabytes.format(file.size / 1_000_000)} Mo`;
      if (!file.size) return "Ce fichier est vide (0 octet) : choisissez-en un autre.";
      if (file.size > LARGEST) return `Ce fichier pèse ${size}, et 20 Mo au plus sont acceptés : numérisez-le en noir et blanc, ou à 150 points par pouce.`;
      if (/\.(heic|heif)$/i.test(file.name)) return "Cette photo est au format HEIC : sur le téléphone, réglez « Appareil photo », « Formats » sur « Le plus compatible », et reprenez-la.";
      return "";
    };

    const progress = (file, done, cut) => {
      const share = Math.floor((100 * done) / file.size), words = cut
        ? `Connexion perdue à ${share} % : l’envoi reprendra de lui-même, ou tout de suite si vous le demandez.`
        : `« ${file.name} » : ${share} % envoyés.`;
      bar.max = file.size;
      bar.value = done;
      if (!cut) {
        show(words, "quiet", bar);
        if (Math.floor(share / 25) > Math.floor((said.dataset.share ?? 0) / 25)) aloud(words);
        said.dataset.share = share;
        return;
      }
      const again = document.createElement("button");
      Object.assign(again, { type: "button", className: "btn two compact", textContent: "Reprendre" });
      again.addEventListener("click", () => dispatchEvent(new Event("online")));
      show(words, "error", bar, again);
      aloud(words, true);
    };
    const parts = async (address, file, current) => {
      let { received } = await ask(address);
      while (received < file.size && current()) {
        progress(file, received, false);
        ({ received } = await ask(`${address}?debut=${received}`, { method: "PUT", body: file.slice(received, received + PART) }));
      }
      return received;
    };
    const looked = async (address, file, current) => {
      const words = "Fichier envoyé. Formiris le contrôle…";
      bar.removeAttribute("value");
      show(words, "quiet", bar);
      aloud(words);
      for (let times = 1; ; times += 1)
        try {
          return await ask(`${address}?nom=${encodeURIComponent(file.name)}`, { method: "POST" });
        } catch (refused) {
          if (refused.code !== "document-scan-late" || times === HELD || !current()) throw refused;
          show(`${refused.message} Le contrôle est redemandé de lui-même.`, "error", bar);
          aloud(refused.message, true);
          await pause(SOON);
        }
    };
    const send = async (file) => {
      const address = place(input.dataset.envoi, file), mine = {}, current = () => sending === mine;
      sending = mine;
      for (let times = 0; current(); times += 1)
        try {
          await parts(address, file, current);
          if (!current()) return;
          if (input.dataset.nom) read(address, file);
          else done(await looked(address, file, current), current);
          return;
        } catch (error) {
          if (!current()) return;
          if (!(error instanceof TypeError)) {
            sending = null;
            wrong(error.message);
            return;
          }
          progress(file, bar.value, true);
          await pause(Math.min(1000 * 2 ** times, 15_000));
        }
    };
    const read = (address, file) => {
      document.getElementById(input.dataset.nom).value = file.name;
      taken(address.split("/").pop(), `« ${file.name} » est envoyé.`);
    };
    const done = (told, current) => {
      if (current()) taken(told.sha256, `« ${told.name} » est reçu, et gardé${told.scanned ? " : aucun virus n’y est trouvé" : ", sans contrôle antivirus"}.`);
    };
    const taken = (value, words) => {
      sending = null;
      kept.value = value;
      input.removeAttribute("name");
      show(words, "saved");
      aloud(words);
      kept.dispatchEvent(new Event("change", { bubbles: true }));
      if (waiting) form.requestSubmit(waiting.button ?? undefined);
    };

    input.addEventListener("change", () => {
      const file = input.files[0], words = file ? fault(file) : "";
      sending = waiting = null;
      delete said.dataset.share;
      input.name = own;
      kept.value = kept.defaultValue;
      input.removeAttribute("aria-invalid");
      if (!file) show("");
      else if (words) wrong(words);
      else send(file);
    });
    form.addEventListener("submit", (event) => {
      if (!sending) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      waiting = { button: event.submitter };
      show(said.firstElementChild.textContent, said.firstElementChild.className, ...[...said.children].slice(1, 3));
      aloud(THEN);
    }, { capture: true });
    addEventListener("beforeunload", (event) => { if (sending) event.preventDefault(); });
  }
})();
