"use strict";
// Changes that are not near the view wait outside of the document: so ten thousand are as fluid as ten.
(() => {
  const STEP = 200;
  const tools = document.querySelector(".tools");
  if (!tools) return;
  const find = (name) => tools.querySelector(name);
  const search = find(".search input"), kind = find(".kind-filter select"), member = find(".member-filter select");
  const order = find(".order select"), status = find("[role=status]"), clear = find(".clear"), fold = find(".fold");
  const words = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
  const number = new Intl.NumberFormat("en");

  const sections = [...document.querySelectorAll(".kind")].map((node) => {
    const more = Object.assign(document.createElement("button"), { type: "button", className: "more" });
    node.append(more);
    const title = node.querySelector("h2 span").textContent;
    return { node, more, title, kind: node.dataset.kind, list: node.querySelector(".list"), chosen: [], drawn: 0 };
  });
  const changes = sections.flatMap((section) =>
    [...section.list.children].map((node) => ({
      node, section, op: node.dataset.op, size: Number(node.dataset.size), shown: true, text: null,
      members: node.dataset.members ? node.dataset.members.split("\n") : [],
    })));
  changes.forEach((change, place) => { change.place = place; });
  const byId = new Map(changes.map((change) => [change.node.id, change]));

  const counted = (values) => values.reduce((counts, value) => counts.set(value, (counts.get(value) ?? 0) + 1), new Map());
  const option = (select, value, text) => select.append(new Option(text, value));
  sections.forEach((section) => option(kind, section.kind, section.title));
  [...counted(changes.flatMap((change) => change.members))].sort(([a], [b]) => words.compare(a, b))
    .forEach(([name, count]) => option(member, name, `${name} (${number.format(count)})`));
  kind.closest("label").hidden = sections.length < 2;
  member.closest("label").hidden = member.options.length < 2;

  const names = { create: "Create", update: "Update", delete: "Delete", blocked: "Blocked" };
  const present = counted(changes.map((change) => change.op));
  const boxes = Object.keys(names).filter((op) => present.has(op)).map((op) => {
    const label = document.createElement("label"), box = document.createElement("input"), text = document.createElement("span");
    label.className = op;
    Object.assign(box, { type: "checkbox", value: op, checked: true });
    text.textContent = names[op];
    label.append(box, text);
    find(".ops").append(label);
    return box;
  });
  find(".ops").hidden = boxes.length < 2;

  const text = (change) => (change.text ??= change.node.textContent.toLowerCase());
  const isChosen = (change, wanted) =>
    wanted.ops.has(change.op) && (!kind.value || change.section.kind === kind.value) &&
    (!member.value || change.members.includes(member.value)) && wanted.words.every((word) => text(change).includes(word));

  function choose() {
    const wanted = {
      ops: new Set(boxes.filter((box) => box.checked).map((box) => box.value)),
      words: search.value.toLowerCase().split(/\s+/).filter(Boolean),
    };
    changes.forEach((change) => { change.shown = isChosen(change, wanted); });
    draw();
  }

  function draw() {
    sections.forEach((section) => { section.chosen = []; });
    changes.forEach((change) => { if (change.shown) change.section.chosen.push(change); });
    sections.forEach((section) => {
      section.node.hidden = section.chosen.length === 0;
      section.list.replaceChildren();
      section.drawn = 0;
      fill(section, STEP);
    });
    const [all, some] = [changes.length, sections.reduce((sum, section) => sum + section.chosen.length, 0)];
    status.textContent = some === all ? `${number.format(all)} changes` : `${number.format(some)} of ${number.format(all)} changes`;
    clear.hidden = some === all;
    label();
  }

  /** Draw the chosen changes of a section up to this one. */
  function fill(section, end) {
    section.list.append(...section.chosen.slice(section.drawn, end).map((change) => change.node));
    section.drawn = Math.max(section.drawn, Math.min(end, section.chosen.length));
    const rest = section.chosen.length - section.drawn;
    section.more.hidden = rest === 0;
    section.more.textContent = `${number.format(rest)} more`;
  }
  const near = new IntersectionObserver((entries) => entries.filter((entry) => entry.isIntersecting).forEach(({ target }) => target.click()), { rootMargin: "1000px" });
  sections.forEach((section) => {
    section.more.addEventListener("click", () => fill(section, section.drawn + STEP));
    near.observe(section.more);
  });

  const rank = Object.keys(names);
  const name = (change) => (change.name ??= change.node.querySelector(".who b").textContent);
  const key = (change) => (change.key ??= (change.node.querySelector(".who code") ?? change.node.querySelector(".who b")).textContent);
  const orders = {
    plan: () => 0,
    name: (a, b) => words.compare(name(a), name(b)),
    key: (a, b) => words.compare(key(a), key(b)),
    op: (a, b) => rank.indexOf(a.op) - rank.indexOf(b.op),
    size: (a, b) => b.size - a.size,
  };
  function sort() {
    changes.sort((a, b) => orders[order.value](a, b) || a.place - b.place);
    draw();
  }

  const isFolded = () => changes.some((change) => change.shown && !change.node.open);
  const label = () => { fold.textContent = isFolded() ? "Open all" : "Close all"; };
  let isLate = false;
  const labelSoon = () => {
    if (!isLate) requestAnimationFrame(() => { isLate = false; label(); });
    isLate = true;
  };
  fold.addEventListener("click", () => {
    const open = isFolded();
    changes.forEach((change) => { if (change.shown) change.node.open = open; });
    label();
  });

  function showAll() {
    search.value = kind.value = member.value = "";
    boxes.forEach((box) => { box.checked = true; });
    choose();
  }
  function focus(change) {
    fill(change.section, change.section.chosen.indexOf(change) + 1);
    change.node.firstElementChild.focus();
  }
  function reveal() {
    const change = byId.get(location.hash.slice(1));
    if (!change) return;
    if (!change.shown) showAll();
    document.querySelector(".found")?.classList.remove("found");
    change.node.classList.add("found");
    change.node.open = true;
    focus(change);
    change.node.scrollIntoView({ block: "center" });
  }
  function step(by) {
    const chosen = sections.flatMap((section) => section.chosen);
    const at = document.activeElement?.closest?.(".change");
    const next = chosen[at ? chosen.findIndex((change) => change.node === at) + by : 0];
    if (next) focus(next);
  }

  tools.addEventListener("submit", (event) => event.preventDefault());
  tools.addEventListener("input", (event) => (event.target === order ? sort() : choose()));
  clear.addEventListener("click", () => { showAll(); search.focus(); });
  addEventListener("hashchange", reveal);
  addEventListener("beforeprint", () => sections.forEach((section) => fill(section, section.chosen.length)));
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const isTyping = event.target.matches("input, select");
    if (event.key === "/" && !isTyping) { event.preventDefault(); search.focus(); search.select(); }
    if (event.key === "Escape" && event.target === search) { search.value = ""; choose(); }
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by && (event.target === search ? by > 0 : !isTyping)) {
      if (event.target !== search && !event.target.closest(".change")) return;
      event.preventDefault();
      step(by);
    }
  });
  document.addEventListener("toggle", labelSoon, true);

  tools.hidden = false;
  choose();
  reveal();
})();
