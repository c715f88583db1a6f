import { createHash } from 'node:crypto';
import { parse, stringify } from 'yaml';

/** The collector builder's manifest as it is written, and what of it concerns us. */
export interface Manifest {
  readonly text: string;
  readonly dist: { readonly name: string; readonly version: string; readonly output_path: string };
}

/** @throws YAMLParseError when it is no YAML */
export function readManifest(text: string): Manifest {
  return { text, dist: (parse(text) as Pick<Manifest, 'dist'>).dist };
}

/** A manifest with more of what it lists and settings that come on top: the components of both, base first. */
export function extendManifest(base: Manifest, more: string): Manifest {
  const joined: Record<string, unknown> = parse(base.text) as Record<string, unknown>;
  for (const [section, content] of Object.entries(parse(more) as Record<string, unknown>))
    joined[section] = joinSections(joined[section], content);
  return readManifest(stringify(joined));
}

/** Twelve hex digits that differ where two manifests do. */
export function manifestHash({ text }: Manifest): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

function joinSections(base: unknown, more: unknown): unknown {
  if (Array.isArray(base) && Array.isArray(more)) return [...(base as unknown[]), ...(more as unknown[])];
  return isRecord(base) && isRecord(more) ? { ...base, ...more } : more;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
