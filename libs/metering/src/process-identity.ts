import type { AnyValue, HashedAttribute } from '#lib/otlp';

/** Which process a resource describes, and whether it still tells the host. */
export type ProcessIdentity = {
  /** Empty where the resource belongs to no process. */
  readonly executable: string;
  readonly pid: number | null;
  readonly namesHost: boolean;
};

/**
 * The executable is `process.executable.name`; without it the last part of `process.executable.path`, without
 * that the last part of the first word of `process.command`. Arguments never count, as they split one program.
 */
export function processIdentity(attributes: readonly HashedAttribute[]): ProcessIdentity {
  const found = new Map<string, AnyValue>();
  for (const { attribute } of attributes) {
    if (WANTED.has(attribute.key)) found.set(attribute.key, attribute.value);
  }
  const text = (key: string): string => {
    const value = found.get(key);
    return typeof value === 'string' ? value : '';
  };
  const executable =
    text('process.executable.name') ||
    lastPart(text('process.executable.path')) ||
    lastPart(text('process.command').split(' ', 1)[0] ?? '');
  const namesHost = text('host.name') !== '' || text('host.id') !== '';
  return { executable, pid: integer(found.get('process.pid')), namesHost };
}

const WANTED = new Set([
  'process.executable.name',
  'process.executable.path',
  'process.command',
  'process.pid',
  'host.name',
  'host.id',
]);

function integer(value: AnyValue | undefined): number | null {
  const number = typeof value === 'bigint' || typeof value === 'string' ? Number(value) : NaN;
  return Number.isSafeInteger(number) ? number : null;
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
