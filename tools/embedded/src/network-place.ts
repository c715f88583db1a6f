/** Where a part listens: on loopback of this machine where it is left out. */
export interface NetworkPlace {
  /** An IPv4 address of that place. */
  readonly address: string;
  /** The network namespace that the part runs in (ip-netns(8), which needs root); this process's own when left out. */
  readonly namespace?: string;
}

export const LOOPBACK: NetworkPlace = { address: '127.0.0.1' };
