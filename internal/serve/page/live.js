// The connection for what happens right now: one WebSocket a window, or an EventSource
// where WebSockets are blocked. It connects again by itself and goes on where it was.

const waits = [200, 500, 1000, 2000, 5000];

export class Live {
  constructor({ event, state, busy }) {
    this.event = event; // called with (name, data, id, session)
    this.state = state; // called with whether there is a connection
    this.busy = busy;
    this.failures = 0;
    this.pending = new Map(); // ref -> message that has no reply yet
    this.session = null;
    this.after = null;
    this.connect();
    for (const name of ["online", "pageshow"]) addEventListener(name, () => this.wake());
    document.addEventListener("visibilitychange", () => document.hidden || this.wake());
  }

  // watch follows a session from a position on, instead of the one before.
  watch(session, after) {
    if (this.session && this.session !== session) this.send({ op: "unsub", session: this.session });
    this.session = session;
    this.after = after;
    this.subscribe();
  }

  subscribe() {
    if (this.events) this.fallBack();
    else if (this.session) this.send({ op: "sub", session: this.session, after: this.after, html: true });
  }

  send(message) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  typing(on) {
    if (this.session) this.send({ op: "typing", session: this.session, on });
  }

  wake() {
    if (this.socket?.readyState === WebSocket.OPEN || this.events?.readyState === EventSource.OPEN) return;
    clearTimeout(this.timer);
    this.connect();
  }

  connect() {
    this.socket?.close();
    const socket = new WebSocket(`${location.origin.replace("http", "ws")}/api/live`);
    this.socket = socket;
    let opened = false;
    socket.onopen = () => {
      opened = true;
      this.failures = 0;
      this.events?.close();
      this.events = null;
      this.state(true);
      this.subscribe();
    };
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      this.take(message.event, message.data, message.id, message.session);
    };
    socket.onclose = () => {
      if (this.socket !== socket) return;
      this.failures++;
      if (!opened && this.failures > 1) this.fallBack();
      if (!this.events) this.state(false);
      this.timer = setTimeout(() => this.connect(), waits[Math.min(this.failures, waits.length) - 1]);
    };
  }

  // fallBack reads the same events without a WebSocket.
  fallBack() {
    this.events?.close();
    this.events = null;
    if (!this.session) return;
    const session = this.session;
    const after = this.after ? `&after=${encodeURIComponent(this.after)}` : "";
    const events = new EventSource(`/api/sessions/${session}/events?html=1${after}`);
    this.events = events;
    events.onopen = () => this.state(true);
    events.onerror = () => this.state(false);
    for (const name of ["turn", "delta", "end", "reset", "title", "presence", "gone"]) {
      events.addEventListener(name, e => this.take(name, JSON.parse(e.data), e.lastEventId, session));
    }
  }

  take(name, data, id, session) {
    if (session && session === this.session && id) this.after = id;
    this.event(name, data, id, session);
  }
}
