#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const main = new URL('../dist/apps/agent/src/main.js', import.meta.url);
if (!existsSync(fileURLToPath(main))) {
  console.error('phoenix-agent is not built yet: run `npm run build`');
  process.exit(1);
}
await import(main.href);
