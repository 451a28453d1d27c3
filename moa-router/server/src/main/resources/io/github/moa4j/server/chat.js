"use strict";

const at = id => document.getElementById(id);
const conversation = [];
let running = null;

function made(parent, tag, text, className) {
  const element = document.createElement(tag);
  element.textContent = text;
  if (className) element.className = className;
  parent.append(element);
  return element;
}

function headers() {
  const all = {"Content-Type": "application/json"};
  if (at("key").value) all.Authorization = "Bearer " + at("key").value;
  return all;
}

async function problem(response) {
  try {
    return (await response.json()).error.message;
  } catch {
    return "The server answered " + response.status + ".";
  }
}

const unreachable = "The server cannot be reached. Is it running?";
const welcome = at("empty").textContent;

async function loadModels() {
  const response = await fetch("v1/models", {headers: headers()}).catch(() => null);
  if (!response || !response.ok) {
    const locked = response !== null && response.status === 401;
    at("empty").textContent = locked
      ? (at("key").value ? "This key is not known here." : "This server asks for a key.")
      : response ? await problem(response) : unreachable;
    if (locked) {
      at("access").open = true;
      at("key").focus();
    }
    return;
  }
  at("empty").textContent = welcome;
  if (document.activeElement === at("key")) at("text").focus();
  const models = (await response.json()).data;
  for (const [id, first] of [["model", null], ["beside", "nobody"]]) {
    const chosen = at(id).value;
    at(id).replaceChildren();
    if (first) at(id).append(new Option(first, ""));
    for (const model of models) {
      const name = model.id === "auto" ? "auto (router)" : model.id;
      at(id).append(new Option(name, model.id));
    }
    if (chosen && models.some(model => model.id === chosen)) at(id).value = chosen;
  }
}

function showDecision(article, asked, decision) {
  const title = article.querySelector("h2");
  title.replaceChildren();
  made(title, "b", decision.domain || "the base");
  const chosen = asked === "auto";
  title.append(chosen
    ? " answers, " + percent(decision.confidence) + " sure"
    : " answers, as asked");
  const names = Object.entries(decision.probabilities || {}).sort((a, b) => b[1] - a[1]);
  if (!chosen || names.length === 0) return;
  const details = document.createElement("details");
  made(details, "summary", "What the router thinks");
  for (const [name, probability] of names.slice(0, 12)) {
    const bar = made(details, "div", "", "bar");
    made(bar, "span", name).title = name;
    const meter = made(bar, "meter", percent(probability));
    meter.value = probability;
    meter.setAttribute("aria-label", name);
    made(bar, "span", percent(probability));
  }
  details.open = true;
  article.append(details);
}

const percent = share => (100 * share).toFixed(share > 0.9995 || share < 0.0005 ? 0 : 1) + " %";

const isAtItsEnd = () =>
  at("talk").scrollHeight - at("talk").scrollTop - at("talk").clientHeight < 40;

function scrollToEnd() {
  at("talk").scrollTop = at("talk").scrollHeight;
}

/** Says below a text how it ended. */
function note(text, words, className) {
  const following = isAtItsEnd();
  const element = document.createElement("p");
  element.className = className;
  element.textContent = words;
  text.after(element);
  if (following) scrollToEnd();
}

async function answer(model, place, messages, signal) {
  const article = made(place, "article", "");
  made(article, "h2", "…");
  const text = made(article, "p", "");
  try {
    const response = await fetch("v1/chat/completions", {
      method: "POST", headers: headers(), signal,
      body: JSON.stringify({model, messages, stream: true}),
    });
    if (!response.ok) throw new Error(await problem(response));
    await read(response, event => {
      if (event.error) throw new Error(event.error.message);
      const following = isAtItsEnd();
      if (event.moa) showDecision(article, model, event.moa);
      for (const choice of event.choices) {
        text.textContent += choice.delta.content || "";
        if (choice.finish_reason === "length") note(text, "cut at its greatest length", "note");
      }
      if (following) scrollToEnd();
    });
  } catch (error) {
    if (error.name === "AbortError") {
      note(text, "stopped", "note");
    } else {
      if (!text.textContent) article.querySelector("h2").textContent = model;
      note(text, error instanceof TypeError ? unreachable : error.message, "wrong");
      return null;
    }
  }
  return text.textContent;
}

async function read(response, take) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const {value, done} = await reader.read();
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    for (const line of lines) {
      if (line.startsWith("data: {")) take(JSON.parse(line.slice(6)));
    }
  }
}

async function ask(event) {
  event.preventDefault();
  const question = at("text").value.trim();
  if (!question || running) return;
  at("empty").hidden = true;
  at("text").value = "";
  made(at("talk"), "div", question, "own");
  const place = made(at("talk"), "div", "", "answers");
  const messages = [...conversation, {role: "user", content: question}];
  const mine = running = new AbortController();
  at("send").hidden = true;
  at("stop").hidden = false;
  const models = [at("model").value, at("beside").value].filter(name => name);
  const answers = models.map(name => answer(name, place, messages, mine.signal));
  scrollToEnd();
  const texts = await Promise.all(answers);
  if (running !== mine) return; // a new conversation has begun
  if (!texts[0]) {
    at("text").value = question; // to be asked again
  } else {
    conversation.push({role: "user", content: question}, {role: "assistant", content: texts[0]});
  }
  rest();
}

function rest() {
  running = null;
  at("send").hidden = false;
  at("stop").hidden = true;
  at("text").focus();
}

at("ask").addEventListener("submit", ask);
at("text").addEventListener("keydown", event => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) ask(event);
});
at("stop").addEventListener("click", () => running && running.abort());
document.addEventListener("keydown", event => {
  if (event.key === "Escape" && running) running.abort();
});
at("key").addEventListener("change", loadModels);
at("fresh").addEventListener("click", () => {
  if (running) running.abort();
  rest();
  conversation.length = 0;
  at("talk").replaceChildren(at("empty"));
  at("empty").hidden = false;
});
loadModels();
