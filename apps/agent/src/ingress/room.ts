/** The bytes that all requests together may hold in memory. */
export class Room {
  private used = 0;
  private guests = 0;

  constructor(
    private readonly bytes: number,
    private readonly requests: number,
  ) {}

  /** Lets a request in; undefined when there are too many. */
  enter(): Seat | undefined {
    if (this.guests >= this.requests) return undefined;
    this.guests += 1;
    let own = 0;
    return {
      take: (bytes) => {
        if (this.used + bytes > this.bytes) return false;
        this.used += bytes;
        own += bytes;
        return true;
      },
      leave: () => {
        this.guests -= 1;
        this.used -= own;
        own = 0;
      },
    };
  }
}

/** The room of one request; `leave` is called once. */
export type Seat = {
  /** False when so many bytes more do not fit. */
  take(bytes: number): boolean;
  leave(): void;
};
