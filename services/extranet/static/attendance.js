// The grid of hours: totals and what goes beyond the plan, while typing; arrows and Enter go from cell to cell.
"use strict";
(() => {
  const number = new Intl.NumberFormat("fr-FR", { maximumFractionDigits: 2 });
  const hoursOf = (text) => {
    const found = /^\s*(\d{1,5})(?:\s*(?:h|H)\s*(\d{1,2})?|[.,](\d{1,2}))?\s*h?\s*$/.exec(text ?? "");
    if (!found) return null;
    return Number(found[1]) + (found[2] ? Number(found[2]) / 60 : 0) + (found[3] ? Number(`0.${found[3]}`) : 0);
  };

  // ── totals ──────────────────────────────────────────────────────────────────────────────────────────────────────
  const table = document.querySelector("form table.hours");
  if (table) {
    const first = (cell) => cell.querySelector("div")?.firstChild;
    const put = (cell, hours) => {
      const box = cell?.querySelector("div");
      if (!box) return;
      const words = `${number.format(hours)}\u00a0h `;
      const bold = box.querySelector("b");
      if (bold) bold.textContent = words.trim();
      else if (first(cell)?.nodeType === Node.TEXT_NODE) first(cell).textContent = words;
    };
    const doneIn = (cells) => [...cells].reduce((sum, cell) => sum + (hoursOf(cell.value ?? cell.dataset.hours) ?? 0), 0);

    const judge = (input) => {
      const hours = hoursOf(input.value), planned = hoursOf(input.dataset.planned.replace(/\.?0+$/, ""));
      const words = input.value.trim() === "" ? ""
        : hours === null ? "Un nombre d’heures, par exemple 6,5"
        : planned !== null && hours > planned ? `${number.format(planned)}\u00a0h prévues au plus`
        : hours !== planned && Math.round(hours * 100) % 25 ? "Au quart d’heure\u00a0: 0,25\u00a0h" : "";
      let box = document.getElementById(`${input.id}-e`);
      if (!box && words) {
        box = document.createElement("div");
        box.id = `${input.id}-e`;
        input.after(box);
        input.setAttribute("aria-describedby", box.id);
      }
      if (!box) return;
      const said = document.createElement("p");
      said.className = "error";
      said.textContent = words;
      box.replaceChildren(...(words ? [said] : []));
      if (words) input.setAttribute("aria-invalid", "true"); else input.removeAttribute("aria-invalid");
    };

    const count = (input) => {
      const row = input.closest("tr");
      put(row.querySelector("[data-row-total]"), doneIn(row.querySelectorAll("[data-planned], [data-hours]")));
      let whole = 0;
      for (const total of table.querySelectorAll("[data-unit-total]")) {
        const cells = table.querySelectorAll(`tbody [data-unit="${CSS.escape(total.dataset.unitTotal)}"]`);
        const hours = doneIn(cells) + Number(total.dataset.elsewhere || 0);
        put(total, hours);
        whole += hours;
      }
      put(table.querySelector("[data-whole]"), whole);
    };

    table.addEventListener("input", (event) => {
      if (!event.target.matches("input[data-planned]")) return;
      count(event.target);
      if (event.target.hasAttribute("aria-invalid")) judge(event.target);
    });
    table.addEventListener("change", (event) => {
      if (event.target.matches("input[data-planned]")) judge(event.target);
    });
    // Enter and the arrows go along the column, as in a spreadsheet; Enter never sends the form.
    table.addEventListener("keydown", (event) => {
      const step = { Enter: event.shiftKey ? -1 : 1, ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (!step || !event.target.matches("input[data-planned]")) return;
      event.preventDefault();
      judge(event.target);
      const column = [...table.querySelectorAll(`input[data-unit="${CSS.escape(event.target.dataset.unit)}"]`)];
      column[column.indexOf(event.target) + step]?.select();
    });
  }

  // ── hours that the server does not have yet stay in this browser, are said, and are sent again ─────────────────
  const grid = document.getElementById("grille");
  const store = (() => { try { return localStorage; } catch { return null; } })();
  if (grid && store) {
    const name = `formelie:${grid.dataset.brouillon}:${location.pathname}`;
    const kept = () => JSON.parse(store.getItem(name) ?? "{}");
    const keep = (edits) => Object.keys(edits).length ? store.setItem(name, JSON.stringify(edits)) : store.removeItem(name);
    const save = () => htmx.trigger(grid, "garder");
    let sending = {}, again = null;

    grid.addEventListener("input", ({ target }) => {
      if (target.name && target.type !== "file") keep({ ...kept(), [target.name]: target.value });
    });
    grid.addEventListener("htmx:beforeRequest", () => { sending = kept(); clearTimeout(again); });
    grid.addEventListener("htmx:afterRequest", (event) => {
      if (event.target !== grid || !event.detail.successful || event.detail.xhr.responseText.includes("data-crie")) return;
      const edits = kept();
      for (const [field, value] of Object.entries(sending)) if (edits[field] === value) delete edits[field];
      keep(edits);
    });
    const failed = () => {
      const box = document.getElementById("enregistre"), text = document.createElement("span"), button = document.createElement("button");
      text.textContent = "Impossible d’enregistrer pour l’instant. Votre saisie est gardée sur cet appareil. ";
      Object.assign(button, { type: "button", className: "btn two compact", textContent: "Réessayer" });
      button.addEventListener("click", save);
      box.className = "saved fail";
      box.replaceChildren(text, button);
      document.getElementById("crie").textContent = text.textContent;
      again = setTimeout(save, 10_000);
    };
    grid.addEventListener("htmx:sendError", failed);
    grid.addEventListener("htmx:responseError", (event) => { if (event.detail.xhr.status >= 500) failed(); });
    grid.addEventListener("submit", () => store.removeItem(name));
    addEventListener("online", () => Object.keys(kept()).length && save());
    for (const out of document.querySelectorAll("form[action='/deconnexion']"))
      out.addEventListener("submit", () => store.removeItem(name));

    const found = Object.entries(kept()).filter(([field, value]) => grid.elements[field] && grid.elements[field].value !== value);
    for (const [field, value] of found) {
      grid.elements[field].value = value;
      grid.elements[field].dispatchEvent(new Event("input", { bubbles: true }));
    }
    if (found.length) document.getElementById("dit").textContent = "Votre saisie a été retrouvée sur cet appareil.";
    else keep({});
  }
})();
