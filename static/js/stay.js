/*
 * Links and forms that only ask for other rows of the same page are answered in place: focus and scroll stay where they are,
 * and what changed is said. Without this file the browser opens the page anew.
 *
 * In main[data-stay], links and forms to the page's own path, with another query. <form data-mend="line"> changes one
 * row: afterwards the focus is on the next form that is [data-wrong].
 */
(() => {
  "use strict";

  const isSamePage = (url) => url.origin === location.origin && url.pathname === location.pathname;

  /** The parts of a page that keep their order, and what can be focused in one. */
  const parts = () => [...document.querySelectorAll("#main :is(nav, thead, form)")];
  const stops = (part) => [...part.querySelectorAll("a[href], button, select, input:not([type=hidden])")];

  /** How to find an element again in a page that was made anew. */
  const placeOf = (element) => {
    if (element?.id) return () => document.getElementById(element.id);
    const rel = element?.getAttribute?.("rel");
    // On the last page there is no next one: the way back stands in its place.
    if (rel) return () => document.querySelector(`#main a[rel="${rel}"]`) ?? document.querySelector("#main a[rel]");
    const part = element?.closest?.("nav, thead, form");
    if (!part) return () => null;
    const tag = part.tagName;
    const alike = () => parts().filter((each) => each.tagName === tag);
    const [place, at] = [alike().indexOf(part), stops(part).indexOf(element)];
    return () => {
      const now = alike()[place];
      return now ? stops(now)[at] ?? null : null;
    };
  };

  const focus = (element) => {
    const main = document.getElementById("main");
    (element ?? main).focus({ preventScroll: true });
    element?.scrollIntoView({ block: "nearest" });
  };

  /** The address of the page that is shown. */
  let shown = location.pathname + location.search;

  /** Puts the page that was answered in this one's place. */
  const take = (text) => {
    const page = new DOMParser().parseFromString(text, "text/html");
    const main = page.getElementById("main");
    const here = document.getElementById("main");
    if (!main) return false;
    here.replaceChildren(...main.childNodes);
    document.title = page.title;
    globalThis.htmx?.process(here);
    document.dispatchEvent(new CustomEvent("htmx:after:swap"));
    // What was done may stand at the foot of the page by now.
    const said = here.querySelector("[data-toast]") ?? here.querySelector("[role=status]");
    document.getElementById("said").textContent = said?.textContent.trim() ?? document.title;
    shown = location.pathname + location.search;
    return true;
  };

  let questions = 0;

  const open = async (url, find) => {
    const question = ++questions;
    const answer = await fetch(url).catch(() => null);
    // Another question was asked meanwhile.
    if (question !== questions) return;
    if (!answer?.ok || !isSamePage(new URL(answer.url)) || !take(await answer.text())) {
      location.assign(url);
      return;
    }
    focus(find());
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("main[data-stay] a[href]");
    // What was typed into a grid is not saved yet.
    if (!link || link.target || event.defaultPrevented || link.closest("form[data-grid]")) return;
    if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const url = new URL(link.href);
    if (!isSamePage(url) || url.hash) return;
    event.preventDefault();
    const find = placeOf(link);
    history.pushState(null, "", url);
    open(url, find);
  });

  const ask = (form, submitter) => {
    const url = new URL(form.action);
    const values = new FormData(form, submitter);
    url.search = new URLSearchParams([...values].filter(([, value]) => value !== "")).toString();
    const find = placeOf(form.contains(document.activeElement) ? document.activeElement : submitter);
    history.pushState(null, "", url);
    open(url, find);
  };

  /** The next form behind a line that has something wrong, or the first one; then its field or button. */
  const nextWrong = (line) => {
    const forms = [...document.querySelectorAll("form[data-mend][data-wrong]")];
    const form = forms.find((each) => Number(each.dataset.mend) >= line) ?? forms[0];
    if (!form) return document.querySelector(".sg-apply .btn-primary");
    return form.querySelector("input:not([type=hidden]), select, button");
  };

  const mend = async (form, submitter) => {
    const line = Number(form.dataset.mend || 0);
    const body = new URLSearchParams(new FormData(form, submitter));
    const answer = await fetch(form.action, { method: "POST", body }).catch(() => null);
    const url = answer && new URL(answer.url);
    const isReview = answer && (isSamePage(url) || answer.status === 422);
    if (!isReview) {
      // Signed out meanwhile, or no answer: the browser sends it, and shows what comes.
      form.removeAttribute("data-mend");
      form.requestSubmit(submitter);
      return;
    }
    if (!take(await answer.text())) return;
    if (answer.ok) {
      for (const name of ["done", "n"]) url.searchParams.delete(name);
      url.hash = "";
      history.replaceState(null, "", url);
    }
    focus(nextWrong(line));
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || !(form instanceof HTMLFormElement)) return;
    if (form.matches("form[data-mend]")) {
      event.preventDefault();
      mend(form, event.submitter);
    } else if (form.method === "get" && form.closest("main[data-stay]") && isSamePage(new URL(form.action))) {
      event.preventDefault();
      ask(form, event.submitter);
    }
  });

  addEventListener("popstate", () => {
    if (location.pathname + location.search === shown) return;
    open(new URL(location.href), placeOf(document.activeElement));
  });
})();
