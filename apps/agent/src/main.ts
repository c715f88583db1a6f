import { reasonOf } from '#lib/agent-core';
import { agentCommands } from './commands.js';

// No top-level await: the single-file agent is a CommonJS program, which has none.
agentCommands()
  .parseAsync()
  .catch((error: unknown) => {
    process.stderr.write(`${reasonOf(error)}\n`);
    process.exit(1);
  });
