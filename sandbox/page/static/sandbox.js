// The sandbox page: asks for the state once a second and draws what has changed. All text goes in as text, never as HTML.
"use strict";

const page = JSON.parse(document.getElementById("page-data").textContent);
const byId = (id) => document.getElementById(id);
const chosen = { supplier: page.suppliers[0]?.key, channel: "whatsapp" };
const drawn = {};
const drafts = {};
let conversationId = null;
let answerNumber = 0;
let asking = 0;

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "class") element.className = value;
    else if (name === "onclick") element.addEventListener("click", value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child != null && child !== ""));
  return element;
}

function icon(name, className) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  svg.setAttribute("class", className);
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `#${name}`);
  svg.append(use);
  return svg;
}

function ifChanged(panel, value, draw) {
  const text = JSON.stringify(value);
  if (drawn[panel] === text) return;
  drawn[panel] = text;
  draw(value);
}

const supplier = () => page.suppliers.find((each) => each.key === chosen.supplier);
const time = (iso) => new Date(iso).toLocaleTimeString("es-CL", { hour: "2-digit", minute: "2-digit", hour12: false });
const dayOf = (iso) => new Date(iso).toLocaleDateString("es-CL", { day: "numeric", month: "long" });

function drawChat(chat) {
  const box = byId("chat");
  const wasAtEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 60;
  const messages = chat.messages || [];
  box.replaceChildren();
  if (!messages.length) {
    box.append(make("p", { class: "empty-chat" }, "Nothing here yet. Pick an example below, or write what this supplier would write."));
  }
  let lastDay = "";
  let lastSide = null;
  for (const message of messages) {
    const day = dayOf(message.at);
    if (day !== lastDay) box.append(make("span", { class: "day" }, day));
    const side = message.mine ? "mine" : message.who;
    const first = side !== lastSide || day !== lastDay;
    lastDay = day;
    lastSide = side;
    box.append(bubble(message, first));
  }
  if (chat.typing) box.append(make("div", { class: "bubble typing first", "aria-label": "Typing" }, make("i"), make("i"), make("i")));
  if (wasAtEnd || drawn.chatOf !== chat.conversation_id) box.scrollTop = box.scrollHeight;
  drawn.chatOf = chat.conversation_id;
  byId("subject").placeholder = chat.subject ? `Re: ${chat.subject}` : "Cotización";
}

function bubble(message, first) {
  const classes = ["bubble", message.mine && "mine", first && "first", message.deleted && "deleted"].filter(Boolean).join(" ");
  const meta = make("span", { class: "meta" }, time(message.at));
  if (message.status) {
    const tick = icon(message.status === "sent" ? "i-tick" : "i-ticks", `tick ${message.status}`);
    meta.append(tick);
    meta.title = { sent: "Sent", delivered: "Delivered: the bridge has it", read: "Read: it was answered" }[message.status] || "";
  }
  return make("div", { class: classes, "data-message": message.id, "data-status": message.status || "" },
    message.who === "person" ? make("span", { class: "who" }, message.who_name) : null,
    chosen.channel === "email" && message.subject && !message.deleted ? make("span", { class: "subject" }, message.subject) : null,
    make("span", { class: "text" }, message.deleted ? "This message was deleted" : message.content), meta,
    message.mine && !message.deleted
      ? make("button", { class: "undo", type: "button", onclick: () => send("delete", { supplier: chosen.supplier, message_id: message.id }) }, "Delete")
      : null);
}

function drawTurn({ turns, handledBy }) {
  const card = byId("turn-card");
  const [turn, ...earlier] = turns;
  card.replaceChildren(make("div", { class: "card-head" }, make("h2", {}, "Turn"),
    make("span", { class: "spacer" }),
    handledBy === "person" ? make("span", { class: "pill warn" }, "A person has this conversation") : null,
    turn?.kind && turn.kind !== "inbound" && turn.kind !== "burst" ? make("span", { class: "pill" }, turn.kind) : null,
    turn?.attempt > 0 ? make("span", { class: "pill" }, `attempt ${turn.attempt}`) : null,
    turn ? make("span", { class: `pill ${turn.tone === "calm" ? "" : turn.tone}`, "data-turn-status": turn.status }, turn.status) : null));
  if (!turn) {
    card.append(make("p", { class: "empty" }, "When the supplier writes, the agent’s turn appears here: what it understood, what it plans, and why."));
    return;
  }
  const understood = turn.understanding;
  if (understood) {
    card.append(make("div", { class: "understood" }, make("span", { class: "intent" }, understood.intent),
      understood.confidence == null ? null : make("span", { class: "confidence" }, `${understood.confidence} % sure`)));
    if (understood.facts.length) {
      card.append(make("dl", { class: "facts" }, ...understood.facts.flatMap((fact) => [make("dt", {}, fact.name), make("dd", {}, fact.value)])));
    }
  } else if (!turn.error) {
    card.append(make("p", { class: "empty" }, turn.tone === "good" ? "Nothing was to be understood." : "Reading the messages …"));
  }
  if (turn.steps.length) {
    const tones = { do: "good", ask: "", propose: "warn", refuse: "bad" };
    card.append(make("ol", { class: "plan", "aria-label": "Plan" }, ...turn.steps.map((step) => make("li", {},
      make("span", { class: "n" }, String(step.number)), make("span", { class: "action" }, step.action),
      step.verdict ? make("span", { class: `pill ${tones[step.verdict_kind] ?? ""}` }, step.verdict) : null,
      step.reason ? make("span", { class: "reason" }, step.reason) : null))));
  }
  if (turn.error) card.append(make("p", { class: "error-line" }, turn.error));
  if (earlier.length) {
    card.append(make("details", { class: "earlier" }, make("summary", {}, `${earlier.length} earlier`),
      make("ul", {}, ...earlier.map((each) => make("li", {}, make("span", { class: `pill ${each.tone === "calm" ? "" : each.tone}` }, each.status),
        each.understanding?.intent || each.kind)))));
  }
}

function drawOrders(orders) {
  const box = byId("orders");
  if (!orders.length) {
    box.replaceChildren(make("article", { class: "card" }, make("h2", {}, "Order"),
      make("p", { class: "empty" }, "No order with this supplier yet.")));
    return;
  }
  box.replaceChildren(...orders.slice(0, 3).map(order));
}

function order(each) {
  const tone = { billed: "good", cancelled: "bad", to_approve: "warn" }[each.state] ?? "busy-still";
  const steps = each.steps.map((step) => {
    const now = step.state === each.state;
    const dot = make("span", { class: "dot" });
    dot.append(icon("i-tick", ""));
    return make("li", { class: `${step.mark}${now ? " now" : ""}`, "data-step": step.state, "aria-current": now ? "step" : null }, dot, step.label);
  });
  const head = ["Product", "Quantity", "Unit price", "Received", "Billed"];
  const table = make("table", { class: "lines" },
    make("thead", {}, make("tr", {}, ...head.map((name, index) => make("th", { scope: "col", class: index > 2 ? "narrow-off" : null }, name)))),
    make("tbody", {}, ...each.lines.map((line) => make("tr", {}, make("td", {}, line.product), make("td", {}, line.quantity),
      make("td", {}, line.unit_price), make("td", { class: "narrow-off" }, line.received), make("td", { class: "narrow-off" }, line.billed)))));
  return make("article", { class: "card", "data-order": each.name, "data-state": each.state },
    make("div", { class: "card-head" }, make("h2", {}, "Order"), make("span", { class: "order-name" }, each.name),
      make("span", { class: `pill ${tone}` }, each.state_label), make("span", { class: "spacer" }), make("span", { class: "order-total" }, each.total)),
    steps.length ? make("ol", { class: "stepper", "aria-label": "State of the order" }, ...steps) : null,
    each.lines.length ? table : null,
    make("div", { class: "order-foot" }, make("span", { class: "planned" }, each.planned ? `Expected ${each.planned}` : ""),
      ...each.parts.map((part) => make("button", {
        class: part.enabled ? "button ready" : "button", type: "button", disabled: !part.enabled, title: `Play the ${part.who.toLowerCase()}`,
        "data-part": part.part, onclick: (event) => { event.currentTarget.disabled = true; send(`orders/${each.id}/${part.part}`, {}); },
      }, part.label))));
}

function drawTeam(notes) {
  byId("team").replaceChildren(...(notes.length ? notes.map((note) => {
    if (note.kind === "note") return make("li", { class: "note" }, make("b", {}, `${note.who} · ${time(note.at)}`), note.content);
    if (note.kind === "failed") return make("li", { class: "failed" }, `Not sent: ${note.content} (${note.error})`);
    return make("li", { class: "activity" }, `${time(note.at)} · ${note.content}`);
  }) : [make("li", { class: "activity" }, "No private notes on this channel.")]));
}

function draw(state) {
  conversationId = state.chat.conversation_id;
  ifChanged("chat", state.chat, drawChat);
  ifChanged("turn", { turns: state.turns, handledBy: state.handled_by }, drawTurn);
  ifChanged("orders", state.orders, drawOrders);
  ifChanged("team", state.team, drawTeam);
  byId("person-form").hidden = !conversationId;
  byId("person-text").placeholder = `Write to the supplier as ${state.person}`;
  health(!state.problems.length, state.problems.length ? "Not all parts answer" : "Connected");
  byId("problems").hidden = !state.problems.length;
  byId("problems").textContent = state.problems.join(" ");
}

function health(good, words) {
  byId("health").className = `health ${good ? "good" : "bad"}`;
  byId("health").lastElementChild.textContent = words;
}

async function refresh() {
  const mine = ++answerNumber;
  asking += 1;
  try {
    const answer = await fetch(`${page.prefix}/state?${new URLSearchParams(chosen)}`);
    if (!answer.ok) throw new Error(String(answer.status));
    const state = await answer.json();
    if (mine === answerNumber && state.supplier === chosen.supplier && state.channel === chosen.channel) draw(state);
  } catch {
    if (mine === answerNumber) health(false, "The sandbox does not answer");
  } finally {
    asking -= 1;
  }
}

async function send(path, body) {
  try {
    const answer = await fetch(`${page.prefix}/${path}`, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
    });
    if (!answer.ok) {
      const told = await answer.json().catch(() => ({}));
      throw new Error(told.error || told.message || `It was refused (${answer.status}).`);
    }
    return true;
  } catch (error) {
    toast(error instanceof TypeError ? "The sandbox does not answer." : error.message);
    return false;
  } finally {
    delete drawn.orders;
    refresh();
  }
}

let toastTimer = 0;
function toast(text) {
  byId("toast").textContent = text;
  byId("toast").hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { byId("toast").hidden = true; }, 5000);
}

function choose(change) {
  drafts[`${chosen.supplier} ${chosen.channel}`] = byId("text").value;
  Object.assign(chosen, change);
  document.body.dataset.channel = chosen.channel;
  for (const button of document.querySelectorAll(".supplier")) button.setAttribute("aria-checked", button.dataset.supplier === chosen.supplier);
  for (const button of document.querySelectorAll(".channel")) button.setAttribute("aria-checked", button.dataset.channel === chosen.channel);
  const who = supplier();
  byId("chips").replaceChildren(...who.phrases.map((phrase) => make("button", { class: "chip", type: "button", title: phrase, onclick: () => fill(phrase) }, phrase)));
  byId("chips").scrollLeft = 0;
  byId("chat-sub").textContent = { whatsapp: "cuenta de empresa", email: page.mailbox, web: "Portal de proveedores", api: "POST /messages" }[chosen.channel];
  const as = { whatsapp: who.phone, email: who.email, web: "signed in to the supplier portal", api: "a program of the supplier" }[chosen.channel];
  byId("as-who").textContent = `${who.name}, ${as || "unknown address"}.`;
  byId("text").value = drafts[`${chosen.supplier} ${chosen.channel}`] || "";
  byId("subject").value = "";
  byId("new-mail").checked = false;
  for (const panel of Object.keys(drawn)) delete drawn[panel];
  history.replaceState(null, "", `#${chosen.supplier}/${chosen.channel}`);
  grow();
  refresh();
}

function subjectToSend() {
  const typed = byId("subject").value.trim();
  const begins = byId("new-mail").checked || !byId("chat").querySelector(".bubble");
  return typed || (begins && chosen.channel === "email" ? "Cotización" : "");
}

function fill(phrase) {
  byId("text").value = phrase;
  grow();
  byId("text").focus();
}

function grow() {
  const text = byId("text");
  text.style.height = "auto";
  text.style.height = `${Math.min(text.scrollHeight + 2, 112)}px`;
}

byId("suppliers").addEventListener("click", (event) => {
  const button = event.target.closest(".supplier");
  if (button) choose({ supplier: button.dataset.supplier });
});
byId("channels").addEventListener("click", (event) => {
  const button = event.target.closest(".channel");
  if (button) choose({ channel: button.dataset.channel });
});
byId("chips").addEventListener("wheel", (event) => {
  if (Math.abs(event.deltaY) > Math.abs(event.deltaX)) {
    event.preventDefault();
    byId("chips").scrollLeft += event.deltaY;
  }
}, { passive: false });
byId("text").addEventListener("input", grow);
byId("text").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing && chosen.channel !== "email") {
    event.preventDefault();
    byId("composer").requestSubmit();
  }
});
byId("composer").addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = byId("text");
  const content = text.value.trim();
  if (!content) return;
  text.value = "";
  grow();
  const body = { ...chosen, content, subject: subjectToSend(), new_mail: byId("new-mail").checked };
  byId("subject").value = "";
  byId("new-mail").checked = false;
  if (!(await send("write", body)) && !text.value) fill(content);
});
byId("person-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const input = byId("person-text");
  if (input.value.trim() && (await send("person", { conversation_id: conversationId, content: input.value }))) input.value = "";
});

const [fromHashSupplier, fromHashChannel] = decodeURIComponent(location.hash.slice(1)).split("/");
choose({
  supplier: page.suppliers.some((each) => each.key === fromHashSupplier) ? fromHashSupplier : chosen.supplier,
  channel: ["whatsapp", "email", "web", "api"].includes(fromHashChannel) ? fromHashChannel : chosen.channel,
});
setInterval(() => { if (!document.hidden && !asking) refresh(); }, 1000);
const tickClock = () => { byId("clock").textContent = time(Date.now()); };
tickClock();
setInterval(tickClock, 1000);
