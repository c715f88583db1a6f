import { createHash } from 'node:crypto';
import { createServer, connect } from 'node:net';

/** Held by this process until it lets go or ends, however it ends. */
export interface Claim {
  release(): Promise<void>;
}

/** What came of a claim: ours, or the number of the process that has it (undefined where it does not say). */
export type Claiming =
  { readonly claim: Claim } | { readonly claim: undefined; readonly holder: number | undefined };

/**
 * Takes a name that one process of this machine can have at a time. It is an abstract socket (unix(7)): the kernel
 * gives it to one process and takes it back when that ends, so no stale file can stand in the way.
 */
export async function claimName(name: string): Promise<Claiming> {
  const address = `\0phoenix-${createHash('sha256').update(name).digest('hex').slice(0, 32)}`;
  const server = createServer((socket) => {
    socket.on('error', () => undefined).end(String(process.pid));
  });
  const isOurs = await new Promise<boolean>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(false);
      else reject(error);
    });
    server.listen(address, () => resolve(true));
  });
  if (!isOurs) return { claim: undefined, holder: await holderOf(address) };
  server.unref();
  return { claim: { release: () => new Promise((resolve) => server.close(() => resolve())) } };
}

const ANSWER_BUDGET_MS = 2_000;

/** The kernel lets a frozen process keep its name, so the answer has a budget. */
function holderOf(address: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(address);
    const settle = (): void => {
      socket.destroy();
      resolve(/^\d+$/.test(text) ? Number(text) : undefined);
    };
    socket.setTimeout(ANSWER_BUDGET_MS, settle);
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    socket.once('end', settle).once('error', settle);
  });
}
