/*
 * What a script adds to the pages. Every page works without it; nothing here knows an address, a
 * sentence or a school word: those stand in the markup, in the reader's language.
 *
 * Events are listened for on the document, so that what htmx swaps in works as well.
 */
(() => {
  "use strict";

  const closest = (event, selector) =>
    event.target instanceof Element ? event.target.closest(selector) : null;

  // ---- The theme -----------------------------------------------------------------------------
  // <form method="post" action="/preferences" data-theme><button name="theme" value="dark">…
  // sets a cookie; here it shows at once, and the request follows unseen.

  document.addEventListener("submit", (event) => {
    const form = closest(event, "form[data-theme]");
    if (!form) return;
    const button = event.submitter;
    if (!button) return;
    event.preventDefault();
    event.stopPropagation();
    const body = new URLSearchParams(new FormData(form));
    body.set(button.name, button.value);
    fetch(form.action, { method: "POST", body, redirect: "manual", keepalive: true });
    document.documentElement.dataset.bsTheme = button.value;
    // The button that was pressed is gone: the focus goes on to the other one.
    form.querySelector(`button:not([value=${button.value}])`)?.focus();
  }, true);

  // ---- A column of fields ----------------------------------------------------------------------
  // <form data-column>: Enter in a text field goes on to the next one, with its text selected, and in the last one it
  // sends the form. Without the script Enter sends the form from each, which loses nothing.

  document.addEventListener("keydown", (event) => {
    const field = closest(event, "form[data-column] input:not([type=hidden])");
    if (!field || event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    const fields = [...field.form.querySelectorAll("input:not([type=hidden])")];
    const next = fields[fields.indexOf(field) + (event.shiftKey ? -1 : 1)];
    if (next) {
      next.focus();
      next.select();
    } else if (!event.shiftKey) field.form.requestSubmit();
  });

  // ---- Asking first --------------------------------------------------------------------------
  // <button data-ask="Sentence?" data-ask-yes="What the button then says"> is asked about in the
  // layout's <dialog id="ask">. Without a script the form is sent as it is, and the page that
  // it leads to must offer a way back, or ask for itself. What every row of a list asks, the form
  // says once: <form data-ask-reset="Sentence about {whom}?"> and <button data-ask="Reset" data-whom="Name">.
  // With data-ask-if="selector" it is asked only where the form has such an element.

  let answered = null;

  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    const dialog = document.getElementById("ask");
    if (!button?.dataset.ask || !dialog?.showModal) return;
    const { ask, askYes, askIf, whom = button.form?.dataset.whom ?? "" } = button.dataset;
    if (askIf && !button.form?.querySelector(askIf)) return;
    if (button === answered) {
      answered = null;
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    const yes = dialog.querySelector("[value=yes]");
    const ofForm = button.form?.dataset[`ask${ask}`];
    dialog.querySelector("p").textContent = (ofForm ?? ask).replace("{whom}", () => whom);
    yes.textContent = askYes || (ofForm && button.title) || button.textContent;
    dialog.returnValue = "";
    dialog.onclose = () => {
      if (dialog.returnValue !== "yes") return;
      answered = button;
      button.form.requestSubmit(button);
    };
    dialog.showModal();
  }, true);

  // ---- Dates ---------------------------------------------------------------------------------
  // <input data-date="Choose in the calendar"> is a text field for dd/mm/yyyy; behind it comes a button
  // that opens the browser's own calendar.

  const addCalendar = (field) => {
    const group = document.createElement("div");
    group.className = "sg-secret sg-date";
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn";
    button.setAttribute("aria-label", field.dataset.date);
    button.title = field.dataset.date;
    const icon = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    icon.setAttribute("class", "icon");
    icon.setAttribute("aria-hidden", "true");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    use.setAttribute("href", `${sprite()}#calendar`);
    icon.append(use);
    button.append(icon);
    const calendar = document.createElement("input");
    calendar.type = "date";
    calendar.tabIndex = -1;
    calendar.setAttribute("aria-hidden", "true");
    if (!calendar.showPicker) return;
    field.replaceWith(group);
    group.append(field, button, calendar);
    button.addEventListener("click", () => {
      const [, day, month, year] = /^\s*(\d{1,2})\D(\d{1,2})\D(\d{4})\s*$/.exec(field.value) ?? [];
      calendar.value = year ? `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}` : "";
      calendar.showPicker();
    });
    calendar.addEventListener("change", () => {
      const [year, month, day] = calendar.value.split("-");
      if (day) field.value = `${day}/${month}/${year}`;
      field.dispatchEvent(new Event("change", { bubbles: true }));
      field.focus();
    });
  };

  // ---- Picking rows --------------------------------------------------------------------------
  // <form data-pick>: the box [data-pick-all] picks all rows [data-pick-row], and [data-pick-pages]
  // those of all other pages as well; [data-pick-bar] shows when some are picked. Who that is says
  // [data-pick-count="With {whom}:" data-pick-some="the {n} picked" data-pick-every="all 69 found"],
  // and so do questions ([data-ask="Suspend {whom}?"]).

  const showPicked = (form) => {
    const rows = [...form.querySelectorAll("[data-pick-row]")];
    const picked = rows.filter((row) => row.checked).length;
    const every = form.querySelector("[data-pick-pages]")?.checked ?? false;
    const all = form.querySelector("[data-pick-all]");
    if (all) {
      all.checked = picked > 0 && picked === rows.length;
      all.indeterminate = picked > 0 && picked < rows.length;
    }
    for (const bar of form.querySelectorAll("[data-pick-bar]")) bar.hidden = picked === 0 && !every;
    for (const count of form.querySelectorAll("[data-pick-count]")) {
      form.dataset.whom = every ? count.dataset.pickEvery : count.dataset.pickSome.replace("{n}", picked);
      count.textContent = count.dataset.pickCount.replace("{whom}", form.dataset.whom);
    }
  };

  document.addEventListener("change", (event) => {
    const form = closest(event, "form[data-pick]");
    if (!form) return;
    if (event.target.matches("[data-pick-all], [data-pick-pages]")) {
      for (const row of form.querySelectorAll("[data-pick-row]")) row.checked = event.target.checked;
    }
    // Leaving one out means that not everybody is meant.
    const pages = form.querySelector("[data-pick-pages]");
    if (pages && !event.target.checked && event.target.matches("[data-pick-all], [data-pick-row]")) pages.checked = false;
    showPicked(form);
  });

  // <form data-pick-keys>: in the box of a row the arrows go from row to row, and with Shift pick on the way; the key of a
  // button [data-key] presses it, for the rows that are picked or else for this one. [data-pick-hint] says so.

  document.addEventListener("keydown", (event) => {
    const box = closest(event, "form[data-pick-keys] [data-pick-row]");
    if (!box || event.ctrlKey || event.altKey || event.metaKey) return;
    const rows = [...box.form.querySelectorAll("[data-pick-row]")];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      const next = rows[rows.indexOf(box) + step];
      if (!next) return;
      if (event.shiftKey) {
        box.checked = true;
        next.checked = true;
        showPicked(box.form);
      }
      next.focus();
      return;
    }
    const button = box.form.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (!button) return;
    event.preventDefault();
    if (!rows.some((row) => row.checked)) box.checked = true;
    showPicked(box.form);
    box.form.requestSubmit(button);
  });

  // ---- Forms that send themselves ------------------------------------------------------------
  // <form data-autosubmit>: when a choice changes. Typing does not send.

  document.addEventListener("change", (event) => {
    const form = closest(event, "form[data-autosubmit]");
    if (form && event.target.matches("select, [type=checkbox], [type=radio]")) form.requestSubmit();
  });

  // ---- Choices within a choice -----------------------------------------------------------------
  // <select data-within="id">: once something is chosen in that select, only the group of its name is left to choose from,
  // and what belongs to no group. All groups come back with no choice there.

  const groupsOf = new WeakMap();

  const narrow = (select) => {
    const within = document.getElementById(select.dataset.within);
    if (!within) return;
    if (!groupsOf.has(select)) groupsOf.set(select, [...select.querySelectorAll("optgroup")]);
    const name = within.value && within.selectedOptions[0].textContent;
    const { value } = select;
    for (const group of groupsOf.get(select)) {
      // Some browsers show a group that is hidden.
      if (name && group.label !== name) group.remove();
      else select.append(group);
    }
    select.value = value;
    if (select.selectedIndex < 0) select.value = "";
  };

  document.addEventListener("change", (event) => {
    for (const select of document.querySelectorAll("select[data-within]")) {
      if (select.dataset.within === event.target.id) narrow(select);
    }
  });

  // ---- Buttons -------------------------------------------------------------------------------
  // [data-print] prints. [data-copy="id"] copies that element's text and says [data-copied].
  // [data-reveal] is made below.

  const reveal = (button) => {
    const field = button.parentElement.querySelector("input");
    const shown = field.type === "text";
    field.type = shown ? "password" : "text";
    drawReveal(button, field);
  };

  const copy = async (button) => {
    const source = document.getElementById(button.dataset.copy);
    if (!source || !navigator.clipboard) return;
    // Line by line, as it is read.
    await navigator.clipboard.writeText(source.textContent.trim().replace(/\s*\n\s*/g, "\n"));
    const label = button.querySelector("span") || button;
    const before = label.textContent;
    label.textContent = button.dataset.copied;
    setTimeout(() => { label.textContent = before; }, 2000);
  };

  // <form data-printed> notes that the page was printed, once, by whatever way; [data-printed-note]
  // says that it was noted.

  const notePrinted = async () => {
    const form = document.querySelector("form[data-printed]:not([data-noted])");
    if (!form) return;
    form.dataset.noted = "";
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    if (!answer.ok) return;
    for (const note of document.querySelectorAll("[data-printed-note]")) note.hidden = false;
  };

  addEventListener("beforeprint", notePrinted);

  document.addEventListener("click", (event) => {
    if (closest(event, "[data-print]")) {
      notePrinted();
      print();
    }
    const revealing = closest(event, "[data-reveal]");
    if (revealing) reveal(revealing);
    const copying = closest(event, "[data-copy]");
    if (copying) copy(copying);
    // A dropped panel folds when something else is clicked.
    for (const open of document.querySelectorAll("details.sg-drop[open]")) {
      if (!open.contains(event.target)) open.open = false;
    }
  });

  // ---- Keys ----------------------------------------------------------------------------------
  // "/" goes to the search field; Escape folds the menu or panel that it was pressed in.

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "/" && !closest(event, "input, textarea, select, [contenteditable]")) {
      const search = document.querySelector("[data-search]");
      if (!search) return;
      event.preventDefault();
      search.focus();
      search.select();
    }
    if (event.key === "Escape") {
      if (closest(event, ".sg-beside")) return closeBeside();
      const open = closest(event, "details[open]") || document.querySelector("details:is(.sg-drop, .sg-menu)[open]");
      if (!open) return;
      open.open = false;
      open.querySelector("summary").focus();
    }
  });

  // ---- A file dropped anywhere ---------------------------------------------------------------
  // <form data-drop="Drop the file here">: a file that is dropped on the page is taken by its file field, and the form is
  // sent unless there is more to choose. The sentence stands over the page meanwhile.

  const dropForm = (event) =>
    [...(event.dataTransfer?.types ?? [])].includes("Files") ? document.querySelector("form[data-drop]") : null;

  document.addEventListener("dragover", (event) => {
    const form = dropForm(event);
    if (!form) return;
    event.preventDefault();
    document.body.dataset.dropping = form.dataset.drop;
    document.body.classList.add("is-dropping");
  });

  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) document.body.classList.remove("is-dropping");
  });

  document.addEventListener("drop", (event) => {
    document.body.classList.remove("is-dropping");
    const form = dropForm(event);
    const field = form?.querySelector("input[type=file]");
    if (!field || !event.dataTransfer.files.length) return;
    event.preventDefault();
    field.files = event.dataTransfer.files;
    if (form.querySelector("select")) form.querySelector(".btn-primary").focus();
    else form.requestSubmit();
  });

  // ---- One person beside the list ------------------------------------------------------------
  // <table data-beside="Close" data-beside-open="Open the page">: on wide screens its names open their page's main part
  // beside the list, which makes room. With a key held, or without this script, they are links.

  const WIDE = matchMedia("(min-width: 1200px)");
  let opener = null;

  /** Does something that makes the list wider or narrower; the row stays where it is in the window. */
  const keepingInPlace = (row, act) => {
    const before = row?.isConnected ? row.getBoundingClientRect().top : null;
    act();
    if (before !== null) scrollBy({ top: row.getBoundingClientRect().top - before, behavior: "instant" });
  };

  const closeBeside = () => {
    const panel = document.querySelector(".sg-beside");
    if (!panel) return;
    keepingInPlace(opener?.closest("tr"), () => panel.remove());
    opener?.closest("tr")?.classList.remove("is-beside");
    opener?.focus();
    opener = null;
  };

  const openBeside = async (link) => {
    const answer = await fetch(link.href);
    if (!answer.ok || answer.redirected) return location.assign(link.href);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const main = page.getElementById("main");
    const words = link.closest("table").dataset;
    if (!main) return location.assign(link.href);
    opener?.closest("tr")?.classList.remove("is-beside");
    opener = link;
    const row = link.closest("tr");
    row.classList.add("is-beside");
    const panel = document.createElement("aside");
    panel.className = "sg-beside";
    panel.setAttribute("aria-label", link.textContent);
    const head = document.createElement("div");
    head.className = "sg-actions";
    const open = document.createElement("a");
    open.className = "btn btn-small";
    open.href = link.href;
    open.textContent = words.besideOpen;
    const close = document.createElement("button");
    close.type = "button";
    close.className = "btn btn-small";
    close.textContent = words.beside;
    close.addEventListener("click", closeBeside);
    head.append(open, close);
    panel.append(head, ...main.childNodes);
    keepingInPlace(row, () => {
      document.querySelector(".sg-beside")?.remove();
      document.querySelector(".sg-shell").append(panel);
    });
    window.htmx?.process(panel);
    enhance();
    close.focus();
  };

  document.addEventListener("click", (event) => {
    const link = closest(event, "table[data-beside] a.sg-name");
    if (!link || !WIDE.matches || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    openBeside(link).catch(() => location.assign(link.href));
  });

  // ---- The command palette -------------------------------------------------------------------
  // Ctrl-K, or a button [data-palette], opens <dialog id="palette">: the pages that the menus lead to, by typing.

  const palette = document.getElementById("palette");
  const paletteField = palette?.querySelector("input");
  const paletteList = palette?.querySelector("ul");
  let paletteAt = 0;

  const bare = (text) =>
    text.toLowerCase().replaceAll("đ", "d").normalize("NFD").replace(/[\u0300-\u036f]/g, "").trim();

  const pages = () => [...document.querySelectorAll(".sg-nav a[href], .sg-top .sg-panel a[href], .sg-switch a[href]")].map((link) => ({
    href: link.href,
    icon: link.querySelector("use")?.getAttribute("href"),
    label: [...link.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.data.trim()).join(" "),
  }));

  const markPalette = (index) => {
    const options = [...paletteList.children];
    if (!options.length) return paletteField.removeAttribute("aria-activedescendant");
    paletteAt = (index + options.length) % options.length;
    for (const [at, option] of options.entries()) option.setAttribute("aria-selected", at === paletteAt);
    options[paletteAt].scrollIntoView({ block: "nearest" });
    paletteField.setAttribute("aria-activedescendant", options[paletteAt].id);
  };

  const addOptions = (found) => {
    for (const { href, icon, label, told } of found) {
      const option = document.createElement("li");
      option.id = `palette-${paletteList.children.length}`;
      option.dataset.href = href;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      if (icon) option.append(drawIcon(icon));
      option.append(label);
      if (told) option.append(Object.assign(document.createElement("small"), { textContent: told }));
      paletteList.append(option);
    }
    const has = paletteList.children.length > 0;
    palette.querySelector("p").hidden = has;
    paletteList.hidden = !has;
  };

  // People and classes come from the page that the search of the top bar leads to, a moment after the typing.
  let asked = 0;
  let pause = 0;

  const findInSchool = () => {
    clearTimeout(pause);
    const question = ++asked;
    const search = document.querySelector("form.sg-find[data-find]");
    const q = paletteField.value.trim();
    if (!search || q.length < 2) return;
    pause = setTimeout(async () => {
      const answer = await fetch(`${search.getAttribute("action")}?${new URLSearchParams({ q })}`);
      if (!answer.ok || question !== asked) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const wasEmpty = !paletteList.children.length;
      addOptions([...page.querySelectorAll(".sg-results li > a")].slice(0, 12).map((link) => {
        const told = link.querySelector("small")?.textContent.replace(/\s+/g, " ").trim();
        link.querySelector("small")?.remove();
        return { href: link.getAttribute("href"), icon: link.querySelector("use")?.getAttribute("href"), label: link.textContent.trim(), told };
      }));
      if (wasEmpty) markPalette(0);
    }, 200);
  };

  const fillPalette = () => {
    const words = bare(paletteField.value).split(/\s+/).filter(Boolean);
    paletteList.replaceChildren();
    addOptions(pages().filter(({ label }) => words.every((word) => bare(label).includes(word))));
    markPalette(0);
    findInSchool();
  };

  const openPalette = () => {
    paletteField.value = "";
    if (!palette.open) palette.showModal();
    fillPalette();
    paletteField.focus();
  };

  paletteField?.addEventListener("input", fillPalette);
  palette?.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      markPalette(paletteAt + step);
    }
    if (event.key === "Enter") {
      event.preventDefault();
      const option = paletteList.children[paletteAt];
      if (option) location.assign(option.dataset.href);
    }
  });
  palette?.addEventListener("click", (event) => {
    if (event.target === palette) palette.close();
    const option = closest(event, "[role=option]");
    if (option) location.assign(option.dataset.href);
  });

  document.addEventListener("keydown", (event) => {
    if (palette && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      openPalette();
    }
  });

  document.addEventListener("click", (event) => {
    if (!closest(event, "[data-palette]")) return;
    for (const open of document.querySelectorAll("details.sg-drop[open]")) open.open = false;
    openPalette();
  });

  // ---- What is added to the markup -----------------------------------------------------------

  /** The address of the sprite, as the page's own icons name it. */
  const sprite = () => document.querySelector(".icon use")?.getAttribute("href").split("#")[0] ?? "";

  const drawIcon = (address) => {
    const icon = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    icon.setAttribute("class", "icon");
    icon.setAttribute("aria-hidden", "true");
    use.setAttribute("href", address);
    icon.append(use);
    return icon;
  };

  /** How long what was done is told, in milliseconds; as long as it is pointed at or has the focus, it stays. */
  const TOLD = 9000;

  /** <div class="sg-note sg-note-done" data-toast="Close">: told at the edge of the screen, wherever one has scrolled to. */
  const toast = (note) => {
    const close = document.createElement("button");
    close.type = "button";
    close.className = "sg-tool";
    close.setAttribute("aria-label", note.dataset.toast);
    close.append(drawIcon(`${sprite()}#x`));
    close.addEventListener("click", () => note.remove());
    note.classList.add("sg-toast");
    note.append(close);
    document.querySelector(":is(.sg-apply, .sg-bulk:not([hidden])) > :last-child")?.before(note);
    let timer = 0;
    const wait = () => { timer = setTimeout(() => note.remove(), TOLD); };
    for (const stays of ["pointerenter", "focusin"]) note.addEventListener(stays, () => clearTimeout(timer));
    for (const goes of ["pointerleave", "focusout"]) note.addEventListener(goes, wait);
    wait();
  };

  const drawReveal = (button, field) => {
    const hidden = field.type === "password";
    const label = hidden ? field.dataset.show : field.dataset.hide;
    button.setAttribute("aria-label", label);
    button.title = label;
    button.querySelector("use").setAttribute("href", `${sprite()}#${hidden ? "eye" : "eye-off"}`);
  };

  /** Puts a button behind <input type="password" data-show="…" data-hide="…"> that shows it. */
  const addReveal = (field) => {
    const group = document.createElement("div");
    group.className = "sg-secret";
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn";
    button.dataset.reveal = "";
    button.setAttribute("aria-controls", field.id);
    button.append(drawIcon(""));
    field.replaceWith(group);
    group.append(field, button);
    drawReveal(button, field);
    // Sent as a password again, so that the browser keeps it as one and not as a word typed before.
    field.form?.addEventListener("submit", () => { field.type = "password"; });
  };

  const enhance = () => {
    for (const field of document.querySelectorAll("input[type=password][data-show]")) {
      if (!field.closest(".sg-secret")) addReveal(field);
    }
    for (const field of document.querySelectorAll("input[data-date]")) {
      if (!field.closest(".sg-date")) addCalendar(field);
    }
    for (const button of document.querySelectorAll("[data-print][hidden], [data-copy][hidden]")) {
      button.hidden = false;
    }
    for (const form of document.querySelectorAll("form[data-pick]")) showPicked(form);
    for (const select of document.querySelectorAll("select[data-within]")) narrow(select);
    for (const hint of document.querySelectorAll("[data-pick-hint][hidden]")) hint.hidden = false;
    for (const note of document.querySelectorAll("[data-toast]:not(.sg-toast)")) toast(note);
    // A refused form: the summary of what is wrong is read, and seen, first; once.
    const faults = document.querySelector(".sg-faults:not([data-told])");
    if (faults) {
      faults.dataset.told = "";
      faults.focus();
    }
  };

  enhance();
  document.addEventListener("htmx:after:swap", enhance);
  // Back from another page the browser may restore ticks and choices: what depends on them must know.
  addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-pick]").forEach(showPicked);
    document.querySelectorAll("select[data-within]").forEach(narrow);
  });
})();
