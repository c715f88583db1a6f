import WebSocket from 'ws';

/** A feed client as a browser is one: it subscribes and keeps what it hears. */
export class FeedClient {
  readonly messages: { readonly op?: string; readonly view?: string; readonly data?: unknown }[] = [];

  private constructor(private readonly socket: WebSocket) {
    socket.on('message', (text: Buffer) => this.messages.push(JSON.parse(text.toString()) as object));
  }

  static async open(url: string, token: string, views: readonly string[]): Promise<FeedClient> {
    const socket = new WebSocket(`${url}?access_token=${token}`);
    const client = new FeedClient(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('open', () => resolve());
      socket.once('error', reject);
    });
    for (const view of views) socket.send(JSON.stringify({ op: 'subscribe', view }));
    return client;
  }

  /** Everything heard, as one text to look for phases and ids in. */
  text(): string {
    return JSON.stringify(this.messages);
  }

  close(): void {
    this.socket.close();
  }
}
