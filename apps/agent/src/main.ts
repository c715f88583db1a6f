import { reasonOf } from '#lib/agent-core';
import { agentCommands } from './commands.js';

try {
  await agentCommands().parseAsync();
} catch (error) {
  process.stderr.write(`${reasonOf(error)}\n`);
  process.exit(1);
}
