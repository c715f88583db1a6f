import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/**
 * The checked-in text of a golden file. A missing one is written, and the test fails once: to accept a wanted
 * change, delete the file, run the test, and read the difference before it is committed.
 */
export function golden(name: string, actual: string): string {
  const file = new URL(`../../golden/${name}`, import.meta.url);
  if (!existsSync(file)) {
    writeFileSync(file, actual);
    throw new Error(`golden file ${name} was missing and has been written; read it and run the test again`);
  }
  return readFileSync(file, 'utf8');
}
