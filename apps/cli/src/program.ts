import { Command, Option } from 'commander';
import { addDoctor } from './doctor.js';
import { addClone } from './experiment/clone.js';
import { addCreate } from './experiment/create.js';
import { addMetrics } from './experiment/metrics.js';
import { addList } from './experiment/list.js';
import { addMoves } from './experiment/moves.js';
import { addRecords } from './experiment/records.js';
import { addQueries } from './experiment/status.js';
import { addPipelineExport } from './export/export.js';
import { addFleet } from './fleet.js';
import { addPipeline } from './pipeline/pipeline.js';
import { addRecording } from './recording/recording.js';
import { addTask } from './task/task.js';
import type { Terminal } from './terminal.js';

/** The command line as a tree of commands. Words that it does not know throw a CommanderError. */
export function buildProgram(out: (line: string) => void): Command {
  const program = new Command('phoenix')
    .description('cut the cost of OpenTelemetry metrics, with proof')
    .addOption(
      new Option('-o, --output <format>', 'how to print').choices(['table', 'json']).default('table'),
    )
    .exitOverride();
  const terminal = (): Terminal => ({ out, json: program.opts<{ output: string }>().output === 'json' });
  const experiment = program.command('experiment').alias('exp').description('run and judge experiments');
  addCreate(experiment, terminal);
  addMoves(experiment, terminal);
  addClone(experiment, terminal);
  addList(experiment, terminal);
  addQueries(experiment, terminal);
  addMetrics(experiment, terminal);
  addRecords(experiment, terminal);
  addFleet(program, terminal);
  addPipeline(program, terminal);
  addRecording(program, terminal);
  addTask(program, terminal);
  addPipelineExport(program, terminal);
  addDoctor(program, terminal);
  inheritExit(program);
  return program;
}

/** Sub-commands made before `exitOverride` was known would end the process themselves. */
function inheritExit(command: Command): void {
  for (const child of command.commands) {
    child.exitOverride();
    inheritExit(child);
  }
}
