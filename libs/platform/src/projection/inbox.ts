/**
 * Holds what was read until it is applied. Whatever has piled up is taken at once, so batches grow under load and stay
 * small, and fast, without it. Reading waits while `limit` items are held.
 */
export class Inbox<Item> {
  private items: Item[] = [];
  private ended: { readonly error?: unknown } | undefined;
  private wake: () => void = () => undefined;
  private closed = false;

  private constructor(
    private readonly limit: number,
    private readonly supersedes: (next: Item, held: Item) => boolean,
  ) {}

  /**
   * Starts to read. Ends with the source, or with its error after everything read before it was taken.
   * @param supersedes whether the next item makes the newest one held needless, and takes its place
   */
  static fill<Item>(
    source: AsyncIterable<Item>,
    limit: number,
    supersedes: (next: Item, held: Item) => boolean = () => false,
  ): Inbox<Item> {
    const inbox = new Inbox<Item>(limit, supersedes);
    void inbox.pump(source);
    return inbox;
  }

  /** The oldest items, at least one and at most `limit`. @returns undefined when the source has ended */
  async take(): Promise<readonly Item[] | undefined> {
    while (this.items.length === 0 && this.ended === undefined) await this.changed();
    if (this.items.length > 0) {
      const taken = this.items;
      this.items = [];
      this.notify();
      return taken;
    }
    if (this.ended !== undefined && 'error' in this.ended) throw this.ended.error;
    return undefined;
  }

  /** Stops reading and drops what is held. */
  close(): void {
    this.closed = true;
    this.items = [];
    this.notify();
  }

  private async pump(source: AsyncIterable<Item>): Promise<void> {
    try {
      for await (const item of source) {
        this.hold(item);
        this.notify();
        while (this.items.length >= this.limit && !this.closed) await this.changed();
        if (this.closed) break;
      }
      this.ended = {};
    } catch (error) {
      this.ended = { error };
    }
    this.notify();
  }

  private hold(item: Item): void {
    const newest = this.items.at(-1);
    if (newest !== undefined && this.supersedes(item, newest)) this.items.pop();
    this.items.push(item);
  }

  /** Reader and taker never wait at the same time: one waits for items, the other for room. */
  private changed(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }

  private notify(): void {
    this.wake();
  }
}
