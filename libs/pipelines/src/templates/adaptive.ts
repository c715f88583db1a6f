import type { ProcessorOf } from '../spec/pipeline-spec.js';
import { intervalSeconds, processPipeline } from './common.js';
import type { ChoiceParameter, IntegerParameter } from './parameters.js';
import { defineTemplate } from './template.js';

type Adaptive = ProcessorOf<'keepAdaptive'>;

const mebibyte = 1024 * 1024;

/** How early a process is worth its series, and how much the limits give way when the host is loaded. */
const modes = {
  conservative: preset({ cores: 0.01, mebibytes: 50, busy: 125, full: 150 }),
  balanced: preset({ cores: 0.05, mebibytes: 200, busy: 150, full: 200 }),
  aggressive: preset({ cores: 0.2, mebibytes: 500, busy: 200, full: 300 }),
} as const;

type Preset = Pick<Adaptive, 'cpuCores' | 'memoryBytes' | 'scaling'>;

const mode = {
  name: 'mode',
  type: 'choice',
  default: 'balanced',
  choices: ['conservative', 'balanced', 'aggressive'],
  description:
    'Limits of a calm host: 10 millicores or 50 MiB, 50 millicores or 200 MiB, 200 millicores or 500 MiB. ' +
    'From 60 and 80 % use of a resource its limit grows to 1.25 and 1.5, 1.5 and 2, or 2 and 3 times that.',
} as const satisfies ChoiceParameter;

const cpuMillicores = {
  name: 'cpuMillicores',
  type: 'integer',
  default: 0,
  min: 0,
  max: 64_000,
  unit: 'millicores',
  description: 'The CPU limit of a calm host in the place of that of the mode; 0 takes that of the mode.',
} as const satisfies IntegerParameter;

const memoryMebibytes = {
  name: 'memoryMebibytes',
  type: 'integer',
  default: 0,
  min: 0,
  max: 1_048_576,
  unit: 'MiB',
  description: 'The memory limit of a calm host in the place of that of the mode; 0 takes that of the mode.',
} as const satisfies IntegerParameter;

const maxSeries = {
  name: 'maxSeries',
  type: 'integer',
  default: 300,
  min: 9,
  max: 100_000,
  unit: 'series',
  description:
    'Series of individual processes on each host, critical ones counted first; a process has nine at most.',
} as const satisfies IntegerParameter;

const maxChangesPerHour = {
  name: 'maxChangesPerHour',
  type: 'integer',
  default: 12,
  min: 1,
  max: 60,
  unit: 'changes',
  description: 'How often the set may change in any hour; each change starts a collector anew.',
} as const satisfies IntegerParameter;

const others = {
  name: 'others',
  type: 'choice',
  default: 'dropped',
  choices: ['dropped', 'executable', 'class'],
  description: 'What becomes of all other processes: dropped, or merged by executable or class.',
} as const satisfies ChoiceParameter;

export const adaptiveTemplate = defineTemplate({
  id: 'adaptive',
  kind: 'filter',
  purpose:
    'The processes above limits of CPU or memory that move with the load of the host, and every critical one.',
  tradeOff:
    'The number of series follows what happens on the host up to a cap; below the limits processes are invisible, ' +
    'and once an hour has used up its changes a newcomer waits for the next.',
  parameters: [mode, cpuMillicores, memoryMebibytes, maxSeries, maxChangesPerHour, others, intervalSeconds],
  build: (values) => processPipeline(values.intervalSeconds, [adapting(values)]),
});

export const dynamicTemplate = defineTemplate({
  id: 'dynamic',
  kind: 'filter',
  purpose:
    'As adaptive, but never fewer than a number of the strongest processes and never more than another, which grows with the load.',
  tradeOff:
    'A calm host still shows its strongest processes and a loaded one more of them; a process above its limit is left out where stronger ones fill the places.',
  parameters: [
    {
      name: 'minProcesses',
      type: 'integer',
      default: 5,
      min: 1,
      max: 100,
      unit: 'processes',
      description: 'How many of the strongest processes are kept whatever their use.',
    },
    {
      name: 'moreUnderLoad',
      type: 'integer',
      default: 25,
      min: 0,
      max: 400,
      unit: 'processes',
      description:
        'How many more may be in the set while 80 % of the CPU or of the memory are in use, and half of it from 60 %.',
    },
    mode,
    { ...maxSeries, default: 600 },
    maxChangesPerHour,
    others,
    intervalSeconds,
  ],
  build: (values) =>
    processPipeline(values.intervalSeconds, [
      {
        ...adapting(values),
        k: { min: values.minProcesses, max: values.minProcesses + values.moreUnderLoad },
      },
    ]),
});

function preset(one: Record<'cores' | 'mebibytes' | 'busy' | 'full', number>): Preset {
  return {
    cpuCores: one.cores,
    memoryBytes: one.mebibytes * mebibyte,
    scaling: { busyPercent: one.busy, fullPercent: one.full },
  };
}

type Values = {
  readonly mode: keyof typeof modes;
  readonly maxSeries: number;
  readonly maxChangesPerHour: number;
  readonly others: 'dropped' | 'executable' | 'class';
  readonly cpuMillicores?: number;
  readonly memoryMebibytes?: number;
};

function adapting(values: Values): Adaptive {
  const { cpuMillicores: millicores = 0, memoryMebibytes: mebibytes = 0 } = values;
  return {
    kind: 'keepAdaptive',
    ...modes[values.mode],
    ...(millicores > 0 && { cpuCores: millicores / 1000 }),
    ...(mebibytes > 0 && { memoryBytes: mebibytes * mebibyte }),
    offPercent: 50,
    minSecondsBetweenSwaps: 60,
    maxSwapsPerHour: values.maxChangesPerHour,
    maxSeries: values.maxSeries,
    ...(values.others !== 'dropped' && { others: values.others }),
  };
}
