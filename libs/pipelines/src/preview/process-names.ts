import { attributeValue, type Attribute } from '#lib/otlp';

/**
 * The executable of a resource by the rule of the meter, so that a preview names what an experiment will name: its
 * name, else the last part of its path, else that of its command's first word; empty where it is no process.
 */
export function executableOf(attributes: readonly Attribute[]): string {
  const text = (key: string): string => {
    const value = attributeValue(attributes, key);
    return typeof value === 'string' ? value : '';
  };
  return (
    text('process.executable.name') ||
    lastPart(text('process.executable.path')) ||
    lastPart(text('process.command').split(' ', 1)[0] ?? '')
  );
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
