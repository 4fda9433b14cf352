// One chat on the screen: its turns, and what arrives.

const ends = {
  stopped: "stopped", length: "cut at the length limit", filter: "cut by the service's content filter",
  cut: "cut: the connection ended early", reset: "cut: the connection broke", stall: "cut: nothing came any more",
  killed: "cut: the program was killed", error: "the service reported an error", pipe: "its reader went away",
  empty: "no text came", tool: "asked for a tool", disk: "not all of it could be saved", "too-large": "over the size limit",
};

export function element(name, properties = {}, ...children) {
  const e = Object.assign(document.createElement(name), properties);
  e.append(...children);
  return e;
}

// foldable returns a text of a program: a long one is folded behind its first line.
function foldable(className, text) {
  if (text.length < 1000 && text.split("\n").length < 15) return element("div", { className, textContent: text });
  return element("details", { className }, element("summary", { textContent: text.slice(0, 200).split("\n")[0] }), text);
}

export class Chat {
  constructor(log, { retry, edit, load }) {
    this.log = log;
    this.retry = retry;
    this.edit = edit;
    this.load = load; // returns what there is of the session before a turn
    this.clear();
    this.log.addEventListener("scroll", () => {
      this.follows = log.scrollHeight - log.scrollTop - log.clientHeight < 60;
      this.onscroll?.(this.follows);
      if (log.scrollTop < 300) this.showEarlier();
    });
    new ResizeObserver(() => this.follows && this.bottom()).observe(log); // as when the keyboard of a phone comes
  }

  clear() {
    this.turns = new Map(); // turn -> what there is of it
    this.tools = new Map(); // ID of a call -> its tool
    this.first = null; // the first turn that is drawn, if there are earlier ones
    this.follows = true;
    this.log.replaceChildren(element("p", { className: "empty", textContent: "Ask anything. Every word is kept on this machine." }));
  }

  // show draws the last turns of a session. Those before them come when they are scrolled to.
  show({ items, earlier }) {
    this.clear();
    this.log.replaceChildren();
    for (const item of items) this.addTurn(item);
    if (!items.length) this.clear();
    this.first = earlier;
    this.bottom();
  }

  async showEarlier() {
    const before = this.first;
    if (!before) return;
    this.first = null;
    const { items, earlier } = await this.load(before);
    const top = this.turns.get(before)?.box;
    if (!top) return; // another session is shown now
    const height = this.log.scrollHeight;
    for (const item of items) this.addTurn(item, top);
    this.first = earlier;
    this.log.scrollTop += this.log.scrollHeight - height;
  }

  bottom() {
    this.log.scrollTop = this.log.scrollHeight;
    this.follows = true;
    this.onscroll?.(true); // also where there is nothing to scroll
  }

  // addTurn draws a turn, as GET /api/sessions/{id} and the event turn have it.
  addTurn(item, before = null) {
    this.log.querySelector(".empty")?.remove();
    this.turns.get(item.turn)?.box.remove();
    const t = { id: item.turn, item, text: "", blocks: [], box: element("section") };
    t.box.turn = t.id;
    this.turns.set(item.turn, t);
    for (const m of item.messages || []) t.box.append(this.message(m, t));
    t.reasoning = element("details", { className: "reasoning", hidden: true }, element("summary", { textContent: "Reasoning" }), element("pre"));
    t.body = element("div", { className: "answer" });
    t.refusal = element("p", { className: "end" });
    t.tools = element("div");
    t.who = element("div", { className: "who" });
    t.box.append(element("article", {}, t.reasoning, t.body, t.refusal, t.tools, t.who));
    this.log.insertBefore(t.box, before);
    const a = item.answer;
    if (a) {
      this.addDelta({ turn: item.turn, text: a.text, reasoning: a.reasoning, refusal: a.refusal, html: a.html && { from: 0, blocks: a.html } }, !a.html && a.text);
      if (a.state !== "answering") this.end({ ...a, turn: item.turn });
    }
    if (!a || a.state === "answering") t.body.classList.add("cursor");
    return t;
  }

  message(m, t) {
    const texts = [], more = [];
    t.files = [];
    for (const part of typeof m.content === "string" ? [{ type: "text", text: m.content }] : m.content || []) {
      const url = part.image_url?.url || "";
      const [, name, text] = part.type === "text" && /^(.{1,200}):\n\n`{3,}\n([^]*)\n`{3,}$/.exec(part.text) || [];
      if (part.type === "text" && !(name && texts.length)) {
        texts.push(part.text);
        continue;
      }
      t.files.push({ name: name || part.file?.filename || part.name || part.type.replace("_url", ""), part });
      const named = t.files.at(-1).name;
      if (url.startsWith("data:image/")) more.push(element("img", { src: url, alt: "attached image" }));
      else if (name) more.push(element("details", { className: "file" }, element("summary", { textContent: named }), element("pre", { textContent: text })));
      else more.push(element("span", { className: "file", textContent: named }));
    }
    if (m.role === "user") {
      t.prompt = texts.join("\n\n");
      const edit = element("button", { type: "button", textContent: "Edit", title: "Edit this prompt and ask again, in a branch" });
      edit.onclick = () => this.edit(t);
      return element("article", {}, element("div", { className: "mine", textContent: t.prompt }, ...more), element("div", { className: "who" }, this.label(t.item), edit));
    }
    const kind = { tool: "result", call: "call" }[m.role];
    const name = kind ? `${kind} of ${m.name || this.tools.get(m.tool_call_id) || m.tool_call_id || "a tool"}` : m.role;
    const calls = this.calls(m);
    const said = !calls.length || texts.join("") ? [foldable(kind ? "tool" : "system", `${name}${m.about ? ` (${m.about})` : ""}: ${texts.join("\n\n")}`)] : [];
    return element("article", {}, ...said, ...calls);
  }

  // calls returns a line for each call of a tool that a message or the end of an answer has.
  calls(m) {
    return (m.tool_calls || []).map((call) => {
      const f = call.function || call;
      this.tools.set(call.id, f.name);
      return foldable("tool", `calls ${f.name}(${f.arguments || ""})`);
    });
  }

  label(item) {
    const from = { terminal: "terminal", relay: item.client || "program", page: "", import: "imported" }[item.by] || "";
    const at = new Date(item.time);
    const time = isNaN(at) ? "" : at.toLocaleString([], { dateStyle: at.toDateString() === new Date().toDateString() ? undefined : "short", timeStyle: "short" });
    return element("span", { textContent: [from, time].filter(Boolean).join(" · ") });
  }

  // addDelta draws more of an answer.
  addDelta(d, plain) {
    const t = this.turns.get(d.turn);
    if (!t) return;
    t.text += d.text || "";
    if (/[\u3040-\u30ff]/.test(d.text)) t.box.lang = "ja"; // or Chinese forms of the characters may be drawn
    if (d.reasoning) {
      t.reasoning.hidden = false;
      t.reasoning.lastChild.append(d.reasoning);
    }
    if (d.refusal) t.refusal.append(d.refusal);
    if (plain) t.body.append(element("p", { textContent: plain }));
    if (d.html) {
      for (const old of t.blocks.splice(d.html.from)) old.remove();
      for (const html of d.html.blocks) {
        const block = element("div");
        block.innerHTML = html; // made by the server from Markdown, with everything of the model escaped
        for (const box of block.querySelectorAll("input")) box.setAttribute("aria-label", box.checked ? "done" : "to do");
        for (const pre of block.querySelectorAll("pre")) this.copyButton(pre);
        t.blocks.push(block);
        t.body.append(block);
      }
    }
    if (this.follows) this.bottom();
    else this.onscroll?.(false);
  }

  copyButton(pre) {
    const copy = element("button", { type: "button", textContent: "Copy" });
    copy.onclick = () => this.copy(copy, pre.textContent, pre);
    const box = element("div", { className: "copy" });
    pre.replaceWith(box);
    box.append(pre, copy);
  }

  // copy copies a text, or selects it on a page where that is not allowed.
  async copy(button, text, shown) {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(shown);
      button.textContent = "Selected";
    }
    setTimeout(() => (button.textContent = "Copy"), 1500);
  }

  // end draws how an answer ended. What is not whole says so.
  end(e) {
    const t = this.turns.get(e.turn);
    if (!t) return;
    t.body.classList.remove("cursor");
    t.tools.append(...this.calls(e));
    const copy = element("button", { type: "button", textContent: "Copy", title: "Copy the answer as Markdown" });
    copy.onclick = () => this.copy(copy, t.text, t.body);
    const retry = element("button", { type: "button", textContent: "Retry", title: "Ask again, with the model that is chosen below" });
    retry.onclick = () => this.retry(t);
    const said = e.state === "complete" ? "" : ends[e.why] || (e.why ? `failed: ${e.why}` : "not complete");
    const tokens = e.usage?.completion_tokens ?? e.usage?.output_tokens;
    t.who.replaceChildren(
      element("span", { textContent: t.item.model || "" }),
      ...(said ? [element("span", { className: "end", textContent: said })] : []),
      ...(tokens ? [element("span", { textContent: `${tokens} tokens` })] : []),
      ...(t.text ? [copy] : []), retry);
    if (this.follows) this.bottom();
  }

  // reset forgets what there is of a turn: it will come again.
  reset(turn) { this.turns.get(turn)?.box.remove(); this.turns.delete(turn); }

  // before returns the turn before another one, as the API has it.
  async before(t) {
    if (t.id === this.first) await this.showEarlier();
    return t.box.previousElementSibling?.turn ?? "0";
  }
}
