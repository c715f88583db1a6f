const FIRST_WAIT = 500;
const LONGEST_WAIT = 15_000;

/**
 * A client of the Phoenix feed. Each view is a map of rows; a snapshot replaces it, a delta sets rows or, where the
 * row is null, removes them. After a lost connection every view resumes from its cursor.
 */
export class Feed {
  #views = new Map();
  #wait = FIRST_WAIT;
  #socket;
  #closed = false;

  /** @param {{token: string, onState: Function, onRows: Function, onLag: Function, onRefused: Function}} options */
  constructor(options) {
    this.options = options;
    options.onState('connecting');
    this.#connect();
  }

  subscribe(view) {
    if (this.#views.has(view)) return;
    this.#views.set(view, { rows: new Map(), cursor: undefined });
    this.#ask(view);
  }

  unsubscribe(view) {
    if (!this.#views.delete(view)) return;
    this.#send({ op: 'unsubscribe', view });
  }

  close() {
    this.#closed = true;
    this.#socket?.close();
  }

  #connect() {
    const address = new URL('/api/v1/ws', location.href);
    address.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
    this.#socket = new WebSocket(address);
    this.#socket.onopen = () => this.#send({ op: 'authenticate', token: this.options.token });
    this.#socket.onmessage = ({ data }) => this.#receive(JSON.parse(data));
    this.#socket.onclose = () => this.#retry();
  }

  #retry() {
    if (this.#closed) return;
    this.options.onState('down');
    setTimeout(() => this.#connect(), this.#wait * (0.75 + Math.random() / 2));
    this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT);
  }

  #receive(message) {
    switch (message.op) {
      case 'ready':
        this.#wait = FIRST_WAIT;
        this.options.onState('live');
        for (const view of this.#views.keys()) this.#ask(view);
        return;
      case 'snapshot':
        return this.#apply(message, new Map());
      case 'delta':
        return this.#apply(message, this.#views.get(message.view)?.rows);
      case 'resync':
        return;
      case 'heartbeat':
        return this.options.onLag(message);
      case 'error':
        if (message.code === 'unauthenticated') {
          this.close();
          this.options.onRefused();
        }
    }
  }

  #apply(message, rows) {
    const view = this.#views.get(message.view);
    if (!view || !rows) return;
    for (const { key, row } of message.rows) {
      if (row === null) rows.delete(key);
      else rows.set(key, row);
    }
    this.#views.set(message.view, { rows, cursor: message.cursor });
    this.options.onRows(message.view, rows);
  }

  #ask(view) {
    this.#send({ op: 'subscribe', view, cursor: this.#views.get(view)?.cursor });
  }

  #send(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }
}
