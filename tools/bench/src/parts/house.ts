import { rm } from 'node:fs/promises';
import { scratchDirectory } from '#tools/embedded';
import { startHouse, type House } from '#tools/house';

/** Runs the work in a house of its own. No experiment runs in it, so its agent needs no collector. */
export async function withHouse<T>(work: (house: House) => Promise<T>): Promise<T> {
  const dir = scratchDirectory();
  const lines: string[] = [];
  try {
    const house = await startHouse({
      dataDirectory: dir,
      log: (line) => lines.push(line),
      ports: 'free',
      realCollector: false,
    });
    try {
      return await work(house);
    } finally {
      await house.stop();
    }
  } catch (error) {
    throw new Error(`${String(error)}; the house said: ${lines.slice(-10).join(' | ')}`, { cause: error });
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** A description that command-api takes for a draft. @param n tells it from others */
export function draftBody(n: number): Readonly<Record<string, unknown>> {
  return {
    name: `bench ${n}`,
    candidate: { kind: 'template', template: 'topk', parameters: { k: 20 } },
    targets: { labels: { phoenix: 'local' } },
  };
}
