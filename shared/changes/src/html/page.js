"use strict";
(() => {
  const tools = document.querySelector(".tools");
  if (!tools) return;
  const find = (name) => tools.querySelector(name);
  const search = find(".search input"), kind = find(".kind-filter select"), member = find(".member-filter select");
  const order = find(".order select"), status = find("[role=status]"), clear = find(".clear"), fold = find(".fold");
  const words = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
  const number = new Intl.NumberFormat("en");

  const sections = [...document.querySelectorAll(".kind")].map((node) => ({ node, kind: node.dataset.kind, title: node.querySelector("h2 span").textContent }));
  const changes = sections.flatMap((section) =>
    [...section.node.querySelectorAll(".change")].map((node) => ({
      node, section, op: node.dataset.op, size: Number(node.dataset.size), shown: true, text: null,
      members: node.dataset.members ? node.dataset.members.split("\n") : [],
    })));
  changes.forEach((change, place) => { change.place = place; });

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
    changes.forEach((change) => {
      const shown = isChosen(change, wanted);
      if (shown !== change.shown) change.node.hidden = !shown;
      change.shown = shown;
    });
    tell();
  }

  function tell() {
    const shown = changes.filter((change) => change.shown), filled = counted(shown.map((change) => change.section));
    sections.forEach((section) => { section.node.hidden = !filled.has(section); });
    sections.forEach(({ node }) => {
      node.querySelector(".first")?.classList.remove("first");
      node.querySelector(".change:not([hidden])")?.classList.add("first");
    });
    const isAll = shown.length === changes.length;
    status.textContent = isAll ? `${number.format(changes.length)} changes` : `${number.format(shown.length)} of ${number.format(changes.length)} changes`;
    clear.hidden = isAll;
    label();
  }

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
    sections.forEach((section) => section.node.append(...changes.filter((change) => change.section === section).map((change) => change.node)));
    tell();
  }

  const isFolded = () => changes.some((change) => change.shown && !change.node.open);
  const label = () => { fold.textContent = isFolded() ? "Open all" : "Close all"; };
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
  function reveal() {
    const node = location.hash ? document.getElementById(location.hash.slice(1)) : null;
    if (!node?.matches(".change")) return;
    if (node.hidden) showAll();
    node.open = true;
    node.scrollIntoView({ block: "center" });
    node.firstElementChild.focus({ preventScroll: true });
  }
  function step(from, by) {
    const shown = changes.filter((change) => change.shown).map((change) => change.node.firstElementChild);
    const at = document.activeElement?.closest?.(".change")?.firstElementChild;
    shown[at ? shown.indexOf(at) + by : 0]?.focus();
  }

  tools.addEventListener("submit", (event) => event.preventDefault());
  tools.addEventListener("input", (event) => (event.target === order ? sort() : choose()));
  clear.addEventListener("click", () => { showAll(); search.focus(); });
  addEventListener("hashchange", reveal);
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const isTyping = event.target.matches("input, select");
    if (event.key === "/" && !isTyping) { event.preventDefault(); search.focus(); search.select(); }
    if (event.key === "Escape" && event.target === search) { search.value = ""; choose(); }
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by && (event.target === search ? by > 0 : !isTyping)) {
      if (event.target !== search && !event.target.closest(".change")) return;
      event.preventDefault();
      step(event.target, by);
    }
  });
  document.addEventListener("toggle", label, true);

  tools.hidden = false;
  choose();
  reveal();
})();
