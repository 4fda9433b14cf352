// The page: the list, the composer, and what joins them to a chat.

import { get, key, post, request } from "./api.js";
import { Chat, element } from "./chat.js";
import { Live } from "./live.js";

const $ = id => document.getElementById(id);
const state = { session: null, running: null, next: null, edit: null, files: [], title: "", typed: 0 };
let live;

const chat = new Chat($("log"), {
  load: before => get(`/api/sessions/${state.session}?html=1&limit=40&before=${before}`),
  retry: t => say({ retry: t.id }),
  edit(t) {
    state.edit = t;
    state.files = [...t.files];
    drawFiles();
    $("editing").hidden = false;
    $("prompt").value = t.prompt;
    grow();
    $("prompt").focus();
  },
});
chat.onscroll = follows => ($("down").hidden = follows);
$("down").onclick = () => chat.bottom();

// --- log in ---

async function start() {
  const code = new URLSearchParams(location.hash.slice(1)).get("login");
  if (code) {
    history.replaceState(null, "", location.pathname);
    await post("/api/login", { code }).catch(() => {});
  }
  try {
    await loadList();
  } catch (e) {
    if (e.status !== 401) toast(e.message);
    return askToLogIn();
  }
  $("login").hidden = true;
  $("app").hidden = false;
  live = new Live({ event, state: connected => ($("offline").hidden = connected) });
  loadModels();
  await open(location.hash.slice(1) || null);
  for (const name of ["online", "pageshow", "visibilitychange"]) addEventListener(name, look);
  look();
}

function askToLogIn() {
  $("app").hidden = true;
  $("login").hidden = false;
  $("token").focus();
}

// look asks the server for the list, and so whether it is there: while it is, a lost
// connection is made anew.
async function look() {
  clearTimeout(looking);
  if (document.hidden) return;
  try {
    await loadList();
    live.wake();
  } catch (e) {
    if (e.status === 401) location.reload();
    else if (!e.status) live.lost();
  }
  clearTimeout(looking);
  looking = setTimeout(look, 1000);
}
let looking;

$("login").onsubmit = async e => {
  e.preventDefault();
  try {
    await post("/api/login", { code: $("token").value.trim() });
    $("token").value = "";
    await start();
  } catch (error) {
    $("login-error").textContent = error.message;
  }
};

$("logout").onclick = async () => {
  await post("/api/logout", {});
  location.reload();
};

// --- the list ---

let listed = "";

async function loadList(more) {
  const rowsShown = $("list").querySelectorAll("a").length;
  const query = new URLSearchParams({ limit: more ? 50 : Math.min(200, Math.max(50, rowsShown)) });
  if ($("search").value.trim()) query.set("q", $("search").value.trim());
  if ($("helpers").checked) query.set("helpers", 1);
  if (more) query.set("before", state.next);
  const { sessions, next } = await get(`/api/sessions?${query}`);
  const text = JSON.stringify([query.toString(), sessions, state.session, Math.round(Date.now() / 60000)]);
  if (!more && (text === listed || rowsShown > 200 && !query.has("q"))) return; // do not take away what was scrolled to
  listed = text;
  const focused = $("list").contains(document.activeElement) ? document.activeElement.hash : null;
  state.next = next;
  const rows = sessions.map(row);
  if (next) {
    const button = element("button", { type: "button", textContent: "Show more" });
    button.onclick = () => { button.remove(); loadList(true).catch(e => toast(e.message)); };
    rows.push(button);
  }
  if (!more && !sessions.length) rows.push(element("p", { className: "small", textContent: query.has("q") ? "Nothing found." : "No chats yet." }));
  more ? $("list").append(...rows) : $("list").replaceChildren(...rows);
  if (focused) rows.find(r => r.hash === focused)?.focus();
}

function row(s) {
  const what = s.state === "answering" ? element("span", { className: "live", textContent: "answering …" })
    : element("span", {}, ...(s.snippet ? marked(s.snippet) : [`${ago(s.used)} · ${s.model || s.by}`]));
  const a = element("a", { href: `#${s.id}` }, element("b", { textContent: s.title || "untitled" }), what);
  if (s.id === state.session) a.setAttribute("aria-current", "page");
  return a;
}

// marked returns a snippet with the words that are searched for marked.
function marked(text) {
  const words = $("search").value.trim().split(/\s+/).map(w => w.replace(/[^\p{L}\p{N}]/gu, "\\$&"));
  return text.split(new RegExp(`(${words.join("|")})`, "iu")).map((part, i) => i % 2 ? element("mark", { textContent: part }) : part);
}

function ago(time) {
  const minutes = Math.round((Date.now() - new Date(time)) / 60000);
  if (minutes < 1) return "now";
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 1440) return `${Math.round(minutes / 60)} h`;
  return new Date(time).toLocaleDateString();
}

let searching;
$("search").oninput = () => {
  clearTimeout(searching);
  searching = setTimeout(() => loadList().catch(e => toast(e.message)), 150);
};
$("helpers").onchange = () => loadList().catch(e => toast(e.message));
$("show-list").onclick = () => { document.body.classList.add("list"); $("search").focus(); };
$("hide-list").onclick = () => document.body.classList.remove("list");
addEventListener("hashchange", () => live && open(location.hash.slice(1) || null));
$("new").onclick = () => { location.hash = ""; open(null); };

// --- a chat ---

async function open(id) {
  document.body.classList.remove("list");
  editOff();
  state.session = id;
  setRunning(null);
  setTitle(id ? "…" : "New chat");
  $("presence").textContent = $("typing").textContent = "";
  for (const control of $("menu").querySelectorAll("a, button:not(#logout)")) control.hidden = !id;
  for (const format of ["markdown", "html", "json"]) $(`export-${format}`).href = `/api/sessions/${id}/export?format=${format}`;
  chat.clear();
  usual(null);
  choose("");
  if (id) {
    try {
      const s = await get(`/api/sessions/${id}?html=1&limit=40`);
      if (state.session !== id) return;
      setTitle(s.title);
      chat.show(s);
      const last = s.items.at(-1);
      if (s.state === "answering") setRunning(last.turn);
      usual(s.model);
      live.watch(id, s.position);
    } catch (e) {
      if (state.session !== id) return;
      toast(e.message);
      if (e.status === 404) location.hash = "";
    }
  } else {
    live.watch(null);
  }
  loadList().catch(() => {});
  if (!matchMedia("(pointer: coarse)").matches) $("prompt").focus(); // elsewhere it brings up a keyboard
}

function event(name, data, id, session) {
  if (name === "error") return toast(data.message);
  if (session !== state.session) return;
  switch (name) {
    case "turn":
      chat.addTurn(data);
      setRunning(data.turn);
      usual(data.model);
      if (chat.follows) chat.bottom();
      break;
    case "delta": chat.addDelta(data); break;
    case "end": chat.end(data); setRunning(null); break;
    case "reset": chat.reset(data.turn); break;
    case "title": setTitle(data.title); break;
    case "gone": toast("This chat was deleted."); location.hash = ""; break;
    case "presence":
      $("presence").textContent = data.viewers > 1 ? `${data.viewers} windows` : "";
      $("typing").textContent = data.typing ? "someone is typing …" : "";
  }
}

function setRunning(turn) {
  state.running = turn;
  $("stop").hidden = !turn;
  $("send").hidden = !!turn;
}

function setTitle(title) {
  state.title = title || "untitled";
  $("title").textContent = state.title;
  document.title = `${state.title} - oax`;
}

function rename() {
  if (!state.session) return;
  $("menu").open = false;
  const input = element("input", { value: state.title });
  input.setAttribute("aria-label", "New title; empty: the first prompt");
  $("title").replaceChildren(input);
  input.select();
  let done = false;
  const end = async save => {
    if (done) return;
    done = true;
    const title = input.value.trim();
    setTitle(state.title);
    $("prompt").focus();
    if (!save || title === state.title) return;
    try {
      setTitle((await request("PATCH", `/api/sessions/${state.session}`, { title: title || null })).title);
    } catch (e) {
      toast(e.message);
    }
  };
  input.onkeydown = e => {
    e.stopPropagation();
    if (e.key === "Enter") end(true);
    if (e.key === "Escape") end(false);
  };
  input.onblur = () => end(true);
}
$("rename").onclick = rename;
$("title").ondblclick = rename;

$("remove").onclick = async () => {
  $("menu").open = false;
  const id = state.session;
  if (!id) return;
  try {
    await request("DELETE", `/api/sessions/${id}`);
  } catch (e) {
    return toast(e.message);
  }
  state.session = null; // so that the event of it is not told, too
  location.hash = "";
  toast("Deleted.", "Undo", async () => {
    await post(`/api/sessions/${id}/restore`, {}).catch(e => toast(e.message));
    location.hash = id;
  });
};

// --- models ---

let wanted = ""; // what was chosen here; empty: what the chat was asked with last

async function loadModels() {
  try {
    const { models, failed } = await get("/api/models");
    const groups = new Map();
    for (const m of models) groups.set(m.profile, [...(groups.get(m.profile) || []), element("option", { value: m.id, textContent: m.id.slice(m.profile.length + 1) })]);
    $("model").replaceChildren($("usual"), ...[...groups].map(([label, options]) => element("optgroup", { label }, ...options)));
    if (failed.length) $("model").title = `no list from ${failed.join(", ")}`;
    choose(wanted);
  } catch (e) {
    toast(e.message);
  }
}

function choose(id) {
  $("model").value = wanted = id;
}

// usual names the model that is asked if none is chosen.
function usual(name) {
  $("usual").textContent = name || "default model";
}
$("model").onchange = () => (wanted = $("model").value);

// --- the composer ---

function grow() {
  $("prompt").style.height = "auto";
  $("prompt").style.height = `${$("prompt").scrollHeight}px`;
}

$("prompt").oninput = () => {
  grow();
  if (Date.now() - state.typed > 3000) {
    state.typed = Date.now();
    live?.typing(true);
  }
};
$("prompt").onkeydown = e => {
  if (e.key === "Enter" && !e.shiftKey && !e.isComposing && e.keyCode !== 229) { // an input method takes Enter for itself
    e.preventDefault();
    $("composer").requestSubmit();
  }
};
$("composer").onsubmit = async e => {
  e.preventDefault();
  const text = $("prompt").value;
  if (!text.trim() && !state.files.length) return;
  if (state.running) return toast("An answer is arriving. Stop it, or wait for its end.");
  const content = state.files.length ? [{ type: "text", text }, ...state.files.map(f => f.part)] : text;
  say(state.edit ? { content, after: await chat.before(state.edit) } : { content }, () => {
    $("prompt").value = "";
    state.files = [];
    editOff();
  });
};

// say asks, and keeps what was typed until the server has it.
async function say(fields, sent = () => {}) {
  const body = { ...fields };
  if (wanted) body.model = wanted;
  const headers = { "Idempotency-Key": key() };
  const path = state.session ? `/api/sessions/${state.session}/turns` : "/api/sessions";
  $("send").disabled = true;
  state.typed = 0;
  chat.follows = true;
  try {
    let reply;
    for (let tries = 0; ; tries++) {
      try {
        reply = await post(path, body, headers);
        break;
      } catch (e) {
        if (e.status) throw e;
        if (tries === 5) throw new Error("The server cannot be reached. What you typed is kept."); // whatever the browser calls it
        await new Promise(done => setTimeout(done, 1000));
      }
    }
    sent();
    if (reply.session !== state.session) location.hash = reply.session;
  } catch (e) {
    toast(e.message);
  } finally {
    $("send").disabled = false;
    $("prompt").focus();
  }
}

$("stop").onclick = () => request("DELETE", `/api/sessions/${state.session}/turns/${state.running}`).catch(e => toast(e.message));

function editOff() {
  if (state.edit) {
    $("prompt").value = "";
    state.files = [];
  }
  state.edit = null;
  $("editing").hidden = true;
  drawFiles();
  grow();
}
$("edit-off").onclick = editOff;

// --- files ---

const largest = 10 << 20;

async function addFile(file) {
  if (file.size > largest) return toast(`${file.name} is over 10 MiB`);
  const url = await new Promise((done, failed) => {
    const reader = Object.assign(new FileReader(), { onload: () => done(reader.result), onerror: () => failed(reader.error) });
    reader.readAsDataURL(file);
  });
  const name = file.name || "image.png";
  let part;
  if (file.type.startsWith("image/")) part = { type: "image_url", image_url: { url } };
  else if (file.type === "application/pdf") part = { type: "file", file: { filename: name, file_data: url } };
  else {
    const text = new TextDecoder().decode(await file.arrayBuffer());
    if (text.includes("\0")) return toast(`${name} is not text, an image or a PDF`);
    const fence = "`".repeat(Math.max(3, ...[...text.matchAll(/`+/g)].map(m => m[0].length + 1)));
    part = { type: "text", text: `${name}:\n\n${fence}\n${text}\n${fence}` };
  }
  state.files.push({ name, part });
  drawFiles();
}

function drawFiles() {
  $("files").replaceChildren(...state.files.map(f => {
    const remove = element("button", { type: "button", textContent: "✕" });
    remove.setAttribute("aria-label", `Remove ${f.name}`);
    remove.onclick = () => { state.files = state.files.filter(other => other !== f); drawFiles(); };
    return element("li", {}, f.name, remove);
  }));
}

const addFiles = files => [...files].forEach(f => addFile(f).catch(e => toast(String(e))));
$("attach").onclick = () => $("file").click();
$("file").onchange = () => { addFiles($("file").files); $("file").value = ""; };
$("prompt").onpaste = e => { if (e.clipboardData.files.length) { e.preventDefault(); addFiles(e.clipboardData.files); } };
$("composer").ondragover = e => { e.preventDefault(); $("composer").classList.add("drop"); };
$("composer").ondragleave = () => $("composer").classList.remove("drop");
$("composer").ondrop = e => { e.preventDefault(); $("composer").classList.remove("drop"); addFiles(e.dataTransfer.files); };

// --- keys and notices ---

addEventListener("keydown", e => {
  const writing = /INPUT|TEXTAREA|SELECT/.test(document.activeElement?.tagName);
  if (e.key === "Escape") {
    if ($("menu").open) $("menu").open = false;
    else if (document.body.classList.contains("list")) document.body.classList.remove("list");
    else if (state.edit) editOff();
    else if (document.activeElement === $("search") && $("search").value) { $("search").value = ""; $("search").oninput(); }
    else document.activeElement?.blur();
    return;
  }
  if (writing || e.ctrlKey || e.metaKey || e.altKey) return;
  const rows = [...$("list").querySelectorAll("a")];
  const at = rows.findIndex(a => a === document.activeElement);
  const move = n => rows[Math.max(0, Math.min(rows.length - 1, (at < 0 ? rows.findIndex(a => a.ariaCurrent) : at) + n))]?.focus();
  const keys = {
    "/": () => { document.body.classList.add("list"); $("search").focus(); },
    j: () => move(1), k: () => move(-1), n: () => $("new").click(), i: () => $("prompt").focus(),
  };
  if (keys[e.key]) { e.preventDefault(); keys[e.key](); }
});
addEventListener("click", e => { if (!$("menu").contains(e.target)) $("menu").open = false; });

let fading;
function toast(text, action, run) {
  clearTimeout(fading);
  $("toast").replaceChildren(text);
  if (action) {
    const button = element("button", { type: "button", textContent: action });
    button.onclick = () => { $("toast").replaceChildren(); run(); };
    $("toast").append(button);
  }
  fading = setTimeout(() => $("toast").replaceChildren(), action ? 10000 : 5000);
}

start();
