import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock, TaskJournal } from '#lib/agent-core';
import { renderPipeline } from '#lib/pipelines';
import type { Collector, CollectorSpec, Variant } from '../../collectors/collector.js';
import type { TaskTools } from '../../tasks/perform.js';
import type { CrashPoint } from './crash-point.js';
import type { Diary } from './diary.js';
import { recordedCollector } from './recorded-engine.js';

export type RecordedToolsOptions = {
  /** The host's disk. */
  readonly folder: string;
  readonly journal: TaskJournal;
  readonly diary: Diary;
  readonly crash: CrashPoint;
  readonly clock: Clock;
  readonly effectMs: number;
  /** While this file is there, no effect ends. */
  readonly holdFile: string;
};

const LOOK_MS = 50;

/** What tasks do on a recorded host: their effect is a line in the diary, and takes its time. */
export function recordedTools(options: RecordedToolsOptions): Omit<TaskTools, 'tell' | 'identity'> {
  return {
    fleet: {
      running: () =>
        (['baseline', 'candidate'] as const).map((variant) =>
          recordedCollector(specOf(variant), async () => {
            await effect(options, new AbortController().signal);
            return ['one line'];
          }),
        ),
    },
    reconciler: {
      restart: async (variant, signal): Promise<Collector> => {
        await effect(options, signal);
        return recordedCollector(specOf(variant));
      },
    },
    // Nobody asks a recorded host for a preflight: it has no collector that could try anything.
    sandboxes: {
      open: () => Promise.reject(new Error('a recorded host has no collector')),
      clear: () => Promise.resolve(),
    },
    simulation: { folder: join(options.folder, 'simulations') },
    clock: options.clock,
  };
}

async function effect(options: RecordedToolsOptions, signal: AbortSignal): Promise<void> {
  const { clock, crash, diary, effectMs, holdFile, journal } = options;
  // Tasks are done one after another, so the first that is open is the one whose effect this is.
  const taskId = journal.openTasks.find(({ kind }) => kind !== 'CancelTask')?.taskId ?? 'unknown';
  crash.pass('effect', 'before');
  diary.note({ type: 'effect', taskId, edge: 'begun' });
  try {
    await clock.sleep(effectMs, signal);
    while (existsSync(holdFile)) await clock.sleep(LOOK_MS, signal);
  } catch (error) {
    diary.note({ type: 'effect', taskId, edge: 'broken-off' });
    throw error;
  }
  diary.note({ type: 'effect', taskId, edge: 'ended' });
  crash.pass('effect', 'after');
}

function specOf(variant: Variant): CollectorSpec {
  const host = { id: 'recorded', labels: {} };
  const rendered = renderPipeline({ template: 'baseline', parameters: {}, host, criticalProcesses: [] });
  return { variant, role: 'live', configHash: rendered.hash, rendered };
}
