import { CommanderError } from 'commander';
import { exitCodeOf, exitCodes } from './exit-codes.js';
import { buildProgram } from './program.js';

try {
  await buildProgram((line) => process.stdout.write(`${line}\n`)).parseAsync(process.argv);
} catch (error) {
  if (error instanceof CommanderError)
    process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  else {
    process.stderr.write(`phoenix: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = exitCodeOf(error);
  }
}
