import type { Finding } from '../findings.js';
import { Lines } from './read/lines.js';
import { parseYaml } from './read/parse-yaml.js';
import { readText } from './read/read-text.js';
import { itemsOf, type Value } from './read/tree.js';

/** Findings by path with the places in the text to which their paths lead; those that lead nowhere stay as they are. */
export function located(yaml: string, findings: readonly Finding[]): readonly Finding[] {
  const { refusal, text } = readText(yaml);
  if (refusal !== undefined || findings.length === 0) return findings;
  const { root } = parseYaml(text);
  const lines = new Lines(text);
  return findings.map((finding) => {
    const offset = root === undefined || finding.path === '' ? undefined : offsetOf(root, finding.path);
    return offset === undefined ? finding : { ...finding, position: lines.positionOf(offset) };
  });
}

/** Keys may have dots, so the rest of a path begins with one of the keys that are there. */
function offsetOf(value: Value, path: string): number | undefined {
  if (value.kind === 'list') {
    const [index = '', ...rest] = path.split('.');
    const item = itemsOf(value)[Number(index)];
    return item && (rest.length === 0 ? item.offset : offsetOf(item, rest.join('.')));
  }
  if (value.kind === 'scalar') return undefined;
  for (const entry of value.entries) {
    if (entry.key === path) return entry.offset;
    if (path.startsWith(`${entry.key}.`)) return offsetOf(entry.value, path.slice(entry.key.length + 1));
  }
  return undefined;
}
