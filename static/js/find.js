/*
 * Suggestions below the search field of the top bar: the combobox of WAI-ARIA with a list that pops up.
 *
 *   <form data-find data-find-none="Nothing found" data-find-said="{n} suggestions"> <input name="q"> </form>
 *
 * The form's own address answers with links, one a suggestion, when it is asked with the header X-Part. Without this
 * file, and for Enter with nothing chosen, the form leads to the page of what was found.
 */
(() => {
  "use strict";

  /** How long nothing has been typed before the server is asked, in milliseconds. */
  const PAUSE = 200;

  const form = document.querySelector("form[data-find]");
  const field = form?.querySelector("input[name=q]");
  if (!field) return;

  const list = document.createElement("ul");
  const status = document.createElement("p");
  let active = -1;
  let questions = 0;
  let pause = 0;

  list.className = "sg-options";
  list.id = `${field.id}-list`;
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", form.getAttribute("aria-label"));
  status.className = "visually-hidden";
  status.setAttribute("role", "status");
  // Search fields have a role of their own, which knows no list.
  field.type = "text";
  field.enterKeyHint = "search";
  field.setAttribute("role", "combobox");
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-expanded", "false");
  field.setAttribute("aria-controls", list.id);
  form.append(list, status);

  const activate = (index) => {
    list.children[active]?.setAttribute("aria-selected", "false");
    active = index;
    const option = list.children[index];
    if (option) {
      option.setAttribute("aria-selected", "true");
      option.scrollIntoView({ block: "nearest" });
      field.setAttribute("aria-activedescendant", option.id);
    } else {
      field.removeAttribute("aria-activedescendant");
    }
  };

  const open = (is) => {
    list.hidden = !is;
    field.setAttribute("aria-expanded", String(is));
    if (!is) activate(-1);
  };

  const option = (link, index) => {
    const item = document.createElement("li");
    item.id = `${list.id}-${index}`;
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", "false");
    item.dataset.href = link.getAttribute("href");
    item.append(...link.childNodes);
    return item;
  };

  const ask = async () => {
    const question = ++questions;
    const typed = field.value.trim();
    let links = [];
    if (typed) {
      const address = `${form.getAttribute("action")}?${new URLSearchParams({ q: typed })}`;
      const answer = await fetch(address, { headers: { "X-Part": "suggestions" } }).catch(() => null);
      const part = answer?.ok ? await answer.text() : "";
      links = [...new DOMParser().parseFromString(part, "text/html").querySelectorAll("a")];
    }
    // More was typed meanwhile.
    if (question !== questions) return;
    active = -1;
    field.removeAttribute("aria-activedescendant");
    list.replaceChildren(...links.map(option));
    if (typed) {
      status.textContent = links.length ? form.dataset.findSaid.replace("{n}", links.length) : form.dataset.findNone;
    }
    open(links.length > 0 && document.activeElement === field);
  };

  const go = (item) => { if (item) location.assign(item.dataset.href); };

  field.addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(ask, PAUSE);
  });

  field.addEventListener("keydown", (event) => {
    // Vietnamese is often composed of several keys.
    if (event.isComposing) return;
    const count = list.children.length;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && count > 0) {
      event.preventDefault();
      const from = active < 0 && step < 0 ? count : active;
      if (list.hidden) open(true);
      activate((from + step + count) % count);
    } else if (event.key === "Enter" && active >= 0) {
      event.preventDefault();
      go(list.children[active]);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      event.stopPropagation();
      open(false);
    }
  });

  field.addEventListener("focus", () => { if (list.children.length > 0 && field.value.trim()) open(true); });
  field.addEventListener("blur", () => open(false));
  // The focus stays in the field.
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => go(event.target.closest("li")));
})();
