// The page of the catalog: three views, chosen by the address after #. Terraform judges every input on the server.
const main = document.querySelector("#main");
const state = { offers: [], deployments: [] };
const TITLES = { CREATING: "being made", UPDATING: "being changed", DELETING: "being deleted", ACTIVE: "ready", FAILED: "failed" };

function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== null && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `icons.svg#${name}`);
  svg.append(use);
  return svg;
}

async function ask(path, body) {
  const options = body ? { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) } : {};
  const answer = await fetch(`api/${path}`, options);
  return { good: answer.ok, ...(await answer.json()) };
}

const words = (name) => name.charAt(0).toUpperCase() + name.slice(1).replaceAll("_", " ");
const announce = (text) => (document.querySelector("#status").textContent = text);

function catalog() {
  const list = el("ul", { class: "cards" });
  const show = (text) => list.replaceChildren(...state.offers
    .filter((it) => `${it.title} ${it.summary}`.toLowerCase().includes(text.toLowerCase()))
    .map((it) => el("li", {}, el("article", { class: "card" },
      el("span", { class: "tile" }, icon(it.icon)),
      el("h2", {}, el("a", { href: `#/order/${it.template}` }, it.title)),
      el("p", {}, it.summary)))));
  show("");
  const filter = el("input", { type: "search", class: "filter", placeholder: "Find a template", "aria-label": "Find a template",
    oninput: (event) => show(event.target.value) });
  main.replaceChildren(el("h1", {}, "What do you need?"),
    el("p", { class: "lead" }, "Everything here is made for your team's project, private and encrypted. You choose what matters to you; the rest is decided."),
    filter, list);
}

function control(input) {
  const shared = { id: input.name, name: input.name, "aria-describedby": `${input.name}-hint ${input.name}-wrong` };
  if (input.options.length) {
    const options = input.options.map((one) => el("option", { value: one, selected: one === input.default }, one.replaceAll("_", " ")));
    return el("select", shared, ...options);
  }
  if (input.type === "bool") return el("input", { ...shared, type: "checkbox", checked: input.default === true });
  const limits = { min: input.minimum, max: input.maximum, minlength: input.shortest, maxlength: input.longest };
  const value = input.default === null || input.default === undefined ? null : String(input.default);
  return el("input", { ...shared, ...limits, value, type: input.type === "number" ? "number" : "text", step: "any",
    required: input.required, autocomplete: "off" });
}

function field(input) {
  const tick = input.type === "bool";
  const label = el("label", { for: input.name, class: tick ? "tick" : null });
  label.append(...(tick ? [control(input)] : []), words(input.name), ...(input.required ? [] : [el("span", { class: "optional" }, tick ? "" : " optional")]));
  const hint = input.options.length || tick ? input.description : `${input.description} ${input.accepted}`;
  return el("div", { class: "field" }, label, el("p", { class: "hint", id: `${input.name}-hint` }, hint),
    ...(tick ? [] : [control(input)]), el("p", { class: "wrong", id: `${input.name}-wrong` }));
}

const typed = (form) => Object.fromEntries([...form.elements].filter((one) => one.name)
  .map((one) => [one.name, one.type === "checkbox" ? String(one.checked) : one.value]));

function mark(form, problems, only) {
  for (const one of form.elements) {
    if (!one.name || (only && one.name !== only)) continue;
    const problem = problems.find((it) => it.place === one.name);
    one.setAttribute("aria-invalid", problem ? "true" : "false");
    form.querySelector(`#${one.name}-wrong`).textContent = problem ? (problem.text === "is missing" ? "Please fill this in." : problem.way_out) : "";
  }
}

function order(key) {
  const offer = state.offers.find((it) => it.template === key);
  if (!offer) return catalog();
  const note = el("p", { class: "note", role: "alert", hidden: true });
  const button = el("button", { type: "submit" }, "Order");
  const form = el("form", { class: "panel", novalidate: true }, note, ...offer.inputs.map(field),
    el("div", { class: "actions" }, button, el("a", { class: "button second", href: "#/" }, "Cancel")));
  form.addEventListener("focusout", async (event) => {
    if (!event.target.name || (event.target.value === "" && !event.target.hasAttribute("aria-invalid"))) return;
    const answer = await ask("check", { template: key, inputs: typed(form) });
    mark(form, answer.problems || [], event.target.name);
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    const answer = await ask("launch", { template: key, inputs: typed(form) });
    button.disabled = false;
    if (answer.good) {
      await refresh();
      return void (location.hash = `#/deployments/${answer.name}`);
    }
    mark(form, answer.problems);
    const other = answer.problems.filter((it) => !form.elements[it.place]);
    note.hidden = !other.length;
    note.textContent = other.map((it) => `${it.place} ${it.text}: ${it.way_out}.`).join(" ");
    form.querySelector("[aria-invalid=true]")?.focus();
    announce(`${answer.problems.length} things to correct`);
  });
  main.replaceChildren(el("a", { class: "back", href: "#/" }, "← All templates"), el("h1", {}, offer.title), el("p", { class: "lead" }, offer.summary),
    el("div", { class: "sheet" }, form, el("aside", { class: "panel", "aria-label": "About this template" },
      el("h2", {}, "Cost"), el("p", {}, offer.cost), el("h2", {}, "Limit"), el("p", {}, `${offer.quota} for each team`),
      el("h2", {}, "Version"), el("p", {}, offer.version), el("h2", {}, "Always fixed"),
      el("ul", { class: "fixed" }, ...Object.entries(offer.controls).map(([control, statement]) => el("li", { title: control }, statement))))));
}

const badge = (it) => el("span", { class: "state", "data-state": it.state }, TITLES[it.state] || it.state);

function deployments() {
  const rows = state.deployments.map((it) => el("li", { class: "row" },
    el("a", { href: `#/deployments/${it.name}` }, it.name), badge(it), el("span", { class: "meta" }, it.person || "")));
  main.replaceChildren(el("h1", {}, "Deployments"), el("p", { class: "lead" }, "What your team has ordered."),
    rows.length ? el("ul", { class: "rows" }, ...rows) : el("p", {}, "Nothing yet. ", el("a", { href: "#/" }, "Order something.")));
}

function pairs(values) {
  const shown = Object.entries(values).filter(([, value]) => typeof value !== "object");
  return el("dl", {}, ...shown.flatMap(([name, value]) => [el("dt", {}, words(name)), el("dd", {}, el("code", {}, String(value)))]));
}

// What the person chose; what the platform filled in belongs to the platform.
function chosen(it) {
  const names = state.offers.find((one) => one.template === it.template)?.inputs.map((one) => one.name) || [];
  return Object.fromEntries(Object.entries(it.inputs || {}).filter(([name]) => names.includes(name)));
}

function deployment(name) {
  const it = state.deployments.find((one) => one.name === name);
  const back = el("a", { class: "back", href: "#/deployments" }, "← All deployments");
  if (!it) return main.replaceChildren(back, el("p", { class: "lead" }, `${name} does not exist (any more).`));
  const busy = it.state.endsWith("ING");
  const done = (busy ? it.done : it.resources) || [];
  const steps = el("ol", { class: "steps", "aria-label": "What was made" }, ...done.map((one) => el("li", {}, icon("tick"), el("code", {}, one))));
  if (busy) steps.append(el("li", {}, el("span", { class: "busy" }), TITLES[it.state]));
  const remove = el("button", { class: "danger", type: "button", onclick: () => confirmed(name) }, "Delete");
  const block = (title, content) => el("section", {}, el("h2", {}, title), content, el("p", {}));
  main.replaceChildren(back, el("h1", {}, name, " ", badge(it)),
    ...(it.deployer ? [el("p", { class: "lead" }, `Made by ${it.deployer} in ${it.project}, ordered by ${it.person}.`)] : []),
    ...(it.error ? [el("p", { class: "note" }, it.error)] : []),
    el("div", { class: "sheet" }, el("div", { class: "panel" }, ...(Object.keys(it.outputs || {}).length ? [block("Result", pairs(it.outputs))] : []),
      block("Progress", steps)), el("aside", { class: "panel" }, block("Ordered", pairs(chosen(it))))),
    el("div", { class: "actions" }, ...(busy || !it.deployer ? [] : [remove])));
}

function confirmed(name) {
  const dialog = document.querySelector("#confirm");
  dialog.querySelector("p").textContent = `Delete ${name}? What it holds must be empty, or it stays.`;
  dialog.addEventListener("close", async () => {
    if (dialog.returnValue === "yes") await ask("delete", { name }).then(refresh);
  }, { once: true });
  // Danger: what was answered to another question stays, and Escape would repeat it.
  dialog.returnValue = "";
  dialog.showModal();
}

function show(focus) {
  const [, view, name] = location.hash.split("/");
  const current = view === "deployments" ? "deployments" : "order";
  for (const link of document.querySelectorAll("[data-nav]")) {
    if (link.dataset.nav === current) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (view === "order") order(name);
  else if (view === "deployments") name ? deployment(name) : deployments();
  else catalog();
  document.title = `${main.querySelector("h1")?.textContent || "Catalog"} - Catalog`;
  if (focus) { main.focus(); scrollTo(0, 0); }
}

async function refresh() {
  const before = JSON.stringify(state.deployments);
  state.deployments = (await ask("deployments")).deployments;
  document.querySelector("#count").textContent = state.deployments.length || "";
  if (JSON.stringify(state.deployments) !== before && location.hash.startsWith("#/deployments")) {
    show(false);
    const [, , name] = location.hash.split("/");
    const found = state.deployments.find((one) => one.name === name);
    if (found) announce(`${name}: ${TITLES[found.state]}`);
  }
}

addEventListener("hashchange", () => show(true));
const me = await ask("me");
document.querySelector("#label").textContent = me.label;
document.querySelector("#who").textContent = `${me.person} · ${me.team}`;
state.offers = (await ask("offers")).templates;
await refresh();
show(false);
setInterval(refresh, 700);
