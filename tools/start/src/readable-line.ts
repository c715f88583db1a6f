const NAME_WIDTH = 13;
/** Told by the prefix already, or of no use to a reader at the terminal. */
const LEFT_OUT = new Set(['level', 'time', 'app', 'msg', 'pid', 'hostname']);

/**
 * A line of a part for people: `name | {"level":"warn",…,"msg":"slow","ms":5}` becomes
 * `name          | WARN slow  ms=5`. Lines that are no log entries stay as they are. Pure.
 */
export function readableLine(line: string): string {
  const [, name = '', text = ''] = /^([\w-]+) \| (.*)$/.exec(line) ?? [];
  if (name === '') return line;
  const entry = parsed(text);
  return `${name.padEnd(NAME_WIDTH)} | ${entry === undefined ? text : inWords(entry)}`;
}

function inWords(entry: Readonly<Record<string, unknown>>): string {
  const level = String(entry['level']);
  const loud = ['warn', 'error', 'fatal'].includes(level) ? [level.toUpperCase()] : [];
  const fields = Object.entries(entry).filter(([key]) => !LEFT_OUT.has(key));
  const message = [...loud, String(entry['msg'])].join(' ');
  return [message, ...fields.map(([key, value]) => `${key}=${valueText(value)}`)].join('  ');
}

/** An error is told by its message: its stack is for those who look at the part's own output. */
function valueText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'object' && value !== null && 'message' in value) return String(value.message);
  return JSON.stringify(value);
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    const entry = JSON.parse(text) as Readonly<Record<string, unknown>>;
    return typeof entry['msg'] === 'string' ? entry : undefined;
  } catch {
    return undefined;
  }
}
