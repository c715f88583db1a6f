// Copies what the running code reads but the compiler does not emit, to the same path below dist/.
import { cpSync, existsSync, readdirSync } from 'node:fs';
import { dirname, extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const kinds = {
  apps: ['.html', '.css', '.js', '.svg', '.json'],
  libs: ['.json', '.yaml', '.proto'],
  tools: ['.json', '.yaml', '.sh'],
};

for (const [place, extensions] of Object.entries(kinds)) {
  if (!existsSync(join(root, place))) continue;
  for (const entry of readdirSync(join(root, place), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !extensions.includes(extname(entry.name))) continue;
    const source = join(entry.parentPath, entry.name);
    cpSync(source, join(root, 'dist', relative(root, source)));
  }
}
