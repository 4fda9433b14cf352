// The connection for what happens right now: one WebSocket a window, or an EventSource
// where WebSockets are blocked. It goes on where it was.

export class Live {
  constructor({ event, state }) {
    this.event = event; // called with (name, data, id, session)
    this.state = state; // called with whether there is a connection
    this.session = null;
    this.after = null;
    this.connect();
  }

  // watch follows a session from a position on, instead of the one before. Without a
  // session it follows none.
  watch(session, after) {
    if (this.session && this.session !== session) this.send({ op: "unsub", session: this.session });
    this.session = session;
    this.after = after;
    this.subscribe();
  }

  subscribe() {
    if (this.blocked) this.fallBack();
    else if (this.session) this.send({ op: "sub", session: this.session, after: this.after, html: true });
  }

  send(message) {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  typing(on) {
    if (this.session) this.send({ op: "typing", session: this.session, on });
  }

  // wake connects again if there is no connection. It is called when the server has just
  // answered something else, so a WebSocket that cannot be opened then is blocked.
  wake() {
    if (this.socket.readyState > WebSocket.OPEN && !this.blocked) this.connect();
    else if (this.events?.readyState === EventSource.CLOSED) this.fallBack();
  }

  // lost is called when the server cannot be reached.
  lost() {
    this.socket.close();
    this.state(false);
  }

  connect() {
    const socket = new WebSocket(`${location.origin.replace("http", "ws")}/api/live`);
    this.socket = socket;
    let opened = false;
    socket.onopen = () => {
      opened = true;
      this.refused = 0;
      this.state(true);
      this.subscribe();
    };
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      this.take(message.event, message.data, message.id, message.session);
    };
    socket.onclose = () => {
      if (this.socket !== socket) return;
      this.state(false);
      this.refused = opened ? 0 : (this.refused || 0) + 1;
      if (this.refused === 3) {
        this.blocked = true;
        this.fallBack();
      }
    };
  }

  // fallBack reads the same events without a WebSocket.
  fallBack() {
    this.events?.close();
    this.events = null;
    if (!this.session) return this.state(true);
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
