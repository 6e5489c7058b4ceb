// The desk's only script: documents beside the form, values and their boxes, keyboard shortcuts. Everything works without it, only slower.
"use strict";

(() => {
  const all = (selector, from = document) => Array.from(from.querySelectorAll(selector));
  const SVG = "http://www.w3.org/2000/svg";

  // ---------------------------------------------------------------- documents, fetched from our own server only

  const loaded = new WeakSet();
  let line = Promise.resolve(); // one after the other, in the order of the page

  function load(place) {
    if (loaded.has(place)) return;
    loaded.add(place);
    place.setAttribute("aria-busy", "true");
    line = line.then(async () => {
      try {
        const answer = await fetch(place.dataset.load, { credentials: "same-origin", headers: { accept: "text/html" } });
        if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
        place.innerHTML = await answer.text(); // escaped by the server; the content policy lets nothing in it run
        all("[data-load]", place).forEach(watch);
        cutOuts();
      } catch (error) {
        place.insertAdjacentText("beforeend", " Chưa mở được; hãy tải lại trang.");
      }
      place.removeAttribute("aria-busy");
    });
  }

  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) if (entry.isIntersecting) { seen.unobserve(entry.target); load(entry.target); }
  }, { rootMargin: "600px" });

  function watch(place) {
    if (place.dataset.when === "seen") seen.observe(place); else load(place);
  }

  // ---------------------------------------------------------------- a value and where it was read

  const marked = (numbers) => numbers.flatMap((number) => all(`[data-mark~="${CSS.escape(number)}"]`));
  const numbersOf = (text) => (text || "").split(" ").filter(Boolean);

  function cutOuts() {
    for (const place of all(".cut")) {
      if (place.childElementCount) continue;
      const box = marked(numbersOf(place.dataset.cut)).find((found) => found instanceof SVGRectElement);
      if (!box) continue;
      const [x, y, width, height] = ["x", "y", "width", "height"].map((name) => Number(box.getAttribute(name)));
      const view = document.createElementNS(SVG, "svg");
      const margin = Math.min(height * 0.15, 20);
      view.setAttribute("viewBox", [x - margin, y - margin, width + margin * 2, height + margin * 2].join(" "));
      view.setAttribute("aria-hidden", "true");
      view.append(box.ownerSVGElement.querySelector("image").cloneNode());
      place.append(view);
    }
  }

  document.addEventListener("focusin", (event) => {
    all(".here").forEach((found) => found.classList.remove("here"));
    const numbers = numbersOf(event.target.dataset && event.target.dataset.marks);
    const found = marked(numbers);
    found.forEach((each) => each.classList.add("here"));
    if (found.length && window.matchMedia("(min-width: 1001px)").matches) {
      found[0].scrollIntoView({ block: "center", behavior: "auto" });
      event.target.scrollIntoView({ block: "nearest" });
    }
  });

  // ---------------------------------------------------------------- filling in

  document.addEventListener("click", (event) => {
    const ready = event.target.closest && event.target.closest("[data-fill]");
    if (ready) {
      const box = document.getElementById(ready.dataset.fill);
      box.value = ready.dataset.text;
      box.focus();
    }
  });

  let asked = 0;
  document.addEventListener("input", (event) => {
    const address = event.target.dataset && event.target.dataset.suggest;
    if (!address || event.target.value.trim().length < 2) return;
    window.clearTimeout(asked);
    asked = window.setTimeout(async () => {
      const answer = await fetch(`${address}?q=${encodeURIComponent(event.target.value.trim())}`, { credentials: "same-origin" });
      if (answer.ok) event.target.list.innerHTML = await answer.text();
    }, 150);
  });

  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (button && button.dataset.sure && !window.confirm(button.dataset.sure)) { event.preventDefault(); return; }
    if (event.target.dataset.sent) { event.preventDefault(); return; } // a second press while the first is on its way
    event.target.dataset.sent = "1";
    window.setTimeout(() => { delete event.target.dataset.sent; }, 4000);
  });

  // ---------------------------------------------------------------- keys

  const typing = (target) => target.matches("input:not([type=checkbox]):not([type=radio]), select, textarea");
  let going = false;

  function row(step) {
    const rows = all("[data-row]");
    if (!rows.length) return false;
    const here = rows.indexOf(document.activeElement);
    rows[Math.max(0, Math.min(rows.length - 1, here < 0 ? 0 : here + step))].focus();
    return true;
  }

  function press(key) {
    if (key === "?") {
      const keys = document.getElementById("phim-tat");
      if (keys) { keys.open = !keys.open; keys.scrollIntoView({ block: "nearest" }); }
      return Boolean(keys);
    }
    if ((key === "j" && row(1)) || (key === "k" && row(-1))) return true;
    const current = document.activeElement && document.activeElement.closest("[data-sheet]");
    const found = (current && current.querySelector(`[data-key~="${CSS.escape(key)}"]`)) || document.querySelector(`[data-key~="${CSS.escape(key)}"]`);
    if (!found) return false;
    const folded = found.closest("details");
    if (folded) folded.open = true;
    if (typing(found)) {
      found.focus();
      if (found.select) found.select();
      if (found.tagName === "TEXTAREA") found.closest("form").dataset.chief = key === "h" ? "ask_again" : "reject";
    } else {
      found.click();
    }
    return true;
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && document.activeElement) { document.activeElement.blur(); return; }
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.form) {
      const form = event.target.form;
      const verb = event.target.tagName === "TEXTAREA" ? form.dataset.chief || "reject" : ["gop-vao", "gop-so"].includes(event.target.name) ? "merge" : "accept";
      const button = form.querySelector(`button[name=viec][value=${verb}]`) || form.querySelector("button");
      event.preventDefault();
      if (button) button.click();
      return;
    }
    if (event.key === "Enter" && event.target.matches && event.target.matches("[data-sheet] input")) {
      event.preventDefault(); // Enter alone in a box never accepts anything
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (going) {
      going = false;
      const target = document.querySelector(`[data-go="${CSS.escape(event.key)}"]`);
      if (target) { event.preventDefault(); target.click(); }
      return;
    }
    if (event.key === "g") { going = true; return; }
    if (event.key.length === 1 && press(event.key)) event.preventDefault();
  });

  all("[data-load]").forEach(watch);
  // The next mail's documents are made while this one is looked at.
  const next = document.querySelector("a[data-next]");
  if (next) line = line.then(() => fetch(`${next.getAttribute("href")}/truoc`, { credentials: "same-origin" }).catch(() => undefined));
})();
