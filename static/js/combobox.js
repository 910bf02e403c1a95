/*
 * A field that one types into, to choose from what is found: the combobox of WAI-ARIA.
 *
 *   <div class="sg-field" data-combobox="/where/it/is/looked/for">
 *     <label for="school">…</label> <input id="school" name="school">
 *     <div data-found> what was found: radio buttons in a fieldset, or a sentence; a hidden field says what for </div>
 *   </div>
 *
 * Without this script the form is sent, and what was found comes back in it. With it the server is asked while one
 * types; a list takes the radio buttons' place, and they hold what was chosen of it.
 */
(() => {
  "use strict";

  /** How long nobody has typed before the server is asked, in milliseconds. */
  const PAUSE = 200;

  const enhance = (box) => {
    const field = box.querySelector("input");
    const found = box.querySelector("[data-found]");
    const label = field.labels[0];
    const list = document.createElement("ul");
    const status = document.createElement("p");
    let radios = [];
    let active = -1;
    let questions = 0;
    let pause = 0;

    label.id ||= `${field.id}-label`;
    list.className = "sg-options";
    list.id = `${field.id}-list`;
    list.hidden = true;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-labelledby", label.id);
    status.className = "visually-hidden";
    status.setAttribute("role", "status");
    field.setAttribute("role", "combobox");
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-expanded", "false");
    field.setAttribute("aria-controls", list.id);
    // The list hangs below the field and covers what comes next.
    const hold = document.createElement("div");
    hold.className = "sg-combo";
    field.replaceWith(hold);
    hold.append(field, list, status);

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

    const option = (radio, index) => {
      const item = document.createElement("li");
      item.id = `${list.id}-${index}`;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", "false");
      item.append(...radio.labels[0].querySelector("span").cloneNode(true).childNodes);
      return item;
    };

    /** Makes the list of what the server found; a choice of nothing is for those without the script. */
    const draw = () => {
      const choices = found.querySelector("fieldset");
      radios = choices ? [...choices.querySelectorAll("input[type=radio]:not([value=''])")] : [];
      if (choices) choices.hidden = true;
      list.replaceChildren(...radios.map(option));
      status.textContent = (found.querySelector("legend, p")?.textContent ?? "").trim();
    };

    const ask = async () => {
      const question = ++questions;
      const typed = new URLSearchParams({ [field.name]: field.value });
      const answer = await fetch(`${box.dataset.combobox}?${typed}`).catch(() => null);
      const part = answer?.ok ? await answer.text() : "";
      // The person has typed on meanwhile.
      if (question !== questions) return;
      found.innerHTML = part;
      draw();
      open(radios.length > 0 && document.activeElement === field);
    };

    /** Takes one of the list: it stands in the field, and below it stays what tells it from its namesakes. */
    const choose = (index) => {
      const radio = radios[index];
      radio.checked = true;
      field.value = radio.labels[0].querySelector("span").firstChild.textContent.trim();
      found.querySelector("input[type=hidden]").value = field.value;
      const choices = radio.closest("fieldset");
      for (const each of choices.querySelectorAll("label")) each.hidden = each !== radio.labels[0];
      choices.querySelector("legend").className = "visually-hidden";
      choices.hidden = false;
      open(false);
    };

    field.addEventListener("input", () => {
      clearTimeout(pause);
      pause = setTimeout(ask, PAUSE);
    });

    field.addEventListener("keydown", (event) => {
      // Vietnamese is often composed of several keys.
      if (event.isComposing || radios.length === 0) return;
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) {
        event.preventDefault();
        const from = active < 0 && step < 0 ? radios.length : active;
        if (list.hidden) open(true);
        activate((from + step + radios.length) % radios.length);
      } else if (event.key === "Enter" && active >= 0) {
        event.preventDefault();
        choose(active);
      } else if (event.key === "Escape" && !list.hidden) {
        event.preventDefault();
        event.stopPropagation();
        open(false);
      }
    });

    field.addEventListener("click", () => { if (radios.length > 0) open(true); });
    field.addEventListener("blur", () => open(false));
    // The focus stays in the field.
    list.addEventListener("mousedown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => {
      const index = [...list.children].indexOf(event.target.closest("li"));
      if (index >= 0) choose(index);
    });
  };

  document.querySelectorAll("[data-combobox]").forEach(enhance);
})();
