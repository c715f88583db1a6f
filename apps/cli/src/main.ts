import { CommanderError } from 'commander';
import { ApiProblem } from '#lib/client';
import { exitCodeOf, exitCodes } from './exit-codes.js';
import { buildProgram } from './program.js';

try {
  await buildProgram((line) => process.stdout.write(`${line}\n`)).parseAsync(process.argv);
} catch (error) {
  if (error instanceof CommanderError)
    process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  else {
    process.stderr.write(`phoenix: ${messageOf(error)}\n`);
    process.exitCode = exitCodeOf(error);
  }
}

/** A refusal with the code that a script can look for. */
function messageOf(error: unknown): string {
  if (error instanceof ApiProblem) return `${error.message} [${error.problem.code}]`;
  return error instanceof Error ? error.message : String(error);
}
