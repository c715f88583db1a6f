import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { z } from 'zod';
import { collectorOfferSchema, type CollectorOffer } from '#lib/agent-protocol';

const run = promisify(execFile);

/** A distribution with more than this is told without its components: an inventory has bounds. */
const MAX_CHARS = 12_000;

const UPSTREAM =
  /^(?:go\.opentelemetry\.io\/collector|github\.com\/open-telemetry\/opentelemetry-collector-contrib)\/\S+ (v\S+)$/;

const component = z.object({ name: z.string(), module: z.string().default('') });
const listed = z
  .array(component)
  .nullish()
  .transform((items) =>
    Object.fromEntries((items ?? []).map(({ name, module }) => [name, UPSTREAM.exec(module)?.[1] ?? null])),
  );
const providers = z
  .array(z.object({ scheme: z.string() }))
  .transform((items) => items.map(({ scheme }) => scheme))
  .optional()
  .catch(undefined);

/** What `otelcol components` prints, apart from its build and the stabilities. */
const listing = z.object({
  ...{ receivers: listed, processors: listed, exporters: listed, connectors: listed, extensions: listed },
  providers,
});

/** What a collector says that it offers; undefined where it cannot be asked, or its answer cannot be read. */
export async function offersOf(program: string): Promise<CollectorOffer | undefined> {
  try {
    const { stdout } = await run(program, ['components'], { timeout: 20_000 });
    return readListing(stdout);
  } catch {
    return undefined;
  }
}

/** The offer that a listing stands for; undefined when it is none, or longer than an inventory can be. */
export function readListing(text: string): CollectorOffer | undefined {
  const read = listing.safeParse(parse(text));
  if (!read.success) return undefined;
  const offer = collectorOfferSchema.safeParse(read.data);
  return offer.success && JSON.stringify(offer.data).length <= MAX_CHARS ? offer.data : undefined;
}
