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

  // ---- Asking first --------------------------------------------------------------------------
  // <button data-ask="Sentence?" data-ask-yes="What the button then says"> is asked about in the
  // layout's <dialog id="ask">. Without a script the form is sent as it is, and the page that
  // it leads to must offer a way back, or ask for itself.

  let answered = null;

  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    const dialog = document.getElementById("ask");
    if (!button?.dataset.ask || !dialog?.showModal) return;
    if (button === answered) {
      answered = null;
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    const yes = dialog.querySelector("[value=yes]");
    dialog.querySelector("p").textContent = button.dataset.ask.replace("{whom}", button.form?.dataset.whom ?? "");
    yes.textContent = button.dataset.askYes || button.textContent;
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
    // Whoever leaves one out does not mean everybody.
    const pages = form.querySelector("[data-pick-pages]");
    if (pages && !event.target.checked && event.target.matches("[data-pick-all], [data-pick-row]")) pages.checked = false;
    showPicked(form);
  });

  // ---- Forms that send themselves ------------------------------------------------------------
  // <form data-autosubmit>: when a choice changes. Typing does not send.

  document.addEventListener("change", (event) => {
    const form = closest(event, "form[data-autosubmit]");
    if (form && event.target.matches("select, [type=checkbox], [type=radio]")) form.requestSubmit();
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
      const open = closest(event, "details[open]") || document.querySelector("details.sg-drop[open]");
      if (!open) return;
      open.open = false;
      open.querySelector("summary").focus();
    }
  });

  // ---- What is added to the markup -----------------------------------------------------------

  /** The address of the sprite, as the page's own icons name it. */
  const sprite = () => document.querySelector(".icon use")?.getAttribute("href").split("#")[0] ?? "";

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
    const icon = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    icon.setAttribute("class", "icon");
    icon.setAttribute("aria-hidden", "true");
    icon.append(document.createElementNS("http://www.w3.org/2000/svg", "use"));
    button.append(icon);
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
    // A refused form: the summary of what is wrong is read, and seen, first; once.
    const faults = document.querySelector(".sg-faults:not([data-told])");
    if (faults) {
      faults.dataset.told = "";
      faults.focus();
    }
  };

  enhance();
  document.addEventListener("htmx:after:swap", enhance);
  // Back from another page the browser may restore ticks: the bar must know of them.
  addEventListener("pageshow", () => document.querySelectorAll("form[data-pick]").forEach(showPicked));
})();
