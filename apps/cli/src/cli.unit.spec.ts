import { ApiProblem, ApiUnreachable, type ExperimentAnswer, type KpiAnswer } from '#lib/client';
import { findConnection, NoConnection } from './cli.config.js';
import { CriticalLost, exitCodeOf, PreflightNotPassed, UsageError, WaitedTooLong } from './exit-codes.js';
import { clockCheck } from './host-checks.js';
import { debugText } from './fleet-debug.js';
import { buildProgram } from './program.js';
import { statusText } from './experiment/status.js';
import { table } from './terminal.js';

const problem = (status: number) => new ApiProblem({ status, code: 'x', title: 'x' });

describe('the command line', () => {
  it.each([
    ['wrong words', new UsageError('x'), 2],
    ['a refusal', problem(409), 3],
    ['a request that cannot be', problem(400), 3],
    ['something that is not there', problem(404), 4],
    ['a wrong password', problem(401), 5],
    ['a missing right', problem(403), 5],
    ['a slow server', new ApiUnreachable('http://x', true), 6],
    ['a gateway time-out', problem(504), 6],
    ['a preflight that found something', new PreflightNotPassed('x'), 3],
    ['a preview that loses what is critical', new CriticalLost(['nginx']), 3],
    ['a wait without an end', new WaitedTooLong('x'), 6],
    ['no server', new ApiUnreachable('http://x', false), 1],
    ['no connection file', new NoConnection(), 1],
    ['a failing server', problem(500), 1],
  ])('tells a script of %s by the exit code', (_case, error, code) => expect(exitCodeOf(error)).toBe(code));

  it.each([
    [['experiment', 'create', '--candidate', 'topk'], 'commander.missingMandatoryOptionValue'],
    [['experiment', 'fly', 'e1'], 'commander.unknownCommand'],
    [['experiment', 'start'], 'commander.missingArgument'],
    [['experiment', 'metrics', 'e1', '--by'], 'commander.optionMissingArgument'],
    [['fleet', '--loud'], 'commander.unknownOption'],
    [['fleet', '-o', 'xml'], 'commander.invalidArgument'],
    [['fleet', 'revoke'], 'commander.missingArgument'],
    [['fleet', 'debug'], 'commander.missingArgument'],
    [['fleet', 'token', 'revoke'], 'commander.missingArgument'],
    [['fleet', 'token', 'show', 'et1'], 'commander.unknownCommand'],
    [['experiment', 'results', 'e1', '--format', 'pdf'], 'commander.invalidArgument'],
    [['pipeline', 'preview'], 'commander.missingMandatoryOptionValue'],
    [['pipeline', 'preview', '--candidate', 'topk', '--json', '--md'], 'commander.conflictingOption'],
    [['recording', 'show'], 'commander.missingArgument'],
  ])('refuses the words %j', async (words, code) => {
    const program = buildProgram(() => undefined);
    silence(program);
    await expect(program.parseAsync(words, { from: 'user' })).rejects.toMatchObject({ code });
  });

  it.each([
    [['--name', 'n', '--candidate', 'topk'], /which hosts/],
    [['--name', 'n', '--candidate', 'topk', '--host', 'h', '--warmup', 'soon'], /--warmup takes/],
    [['--name', 'n', '--candidate', 'topk', '--label', 'web'], /not key=value/],
    [['--name', 'n', '--candidate', 'topk', '--host', 'h', '--min-reduction', '70'], /a share/],
    [['--name', 'n', '--candidate', 'topk', '--host', 'h', '--max-memory', 'all'], /--max-memory takes/],
    [['--name', 'n', '--candidate', 'topk', '--host', 'h', '--max-cpu', '-5'], /--max-cpu takes/],
    [['--name', 'n', '--candidate', 'topk', '--host', 'h', '--guardrail', 'collectorCpu'], /not key=value/],
    [['--name', 'n', '--candidate', 'topk', '--host', 'h', '--guardrail', 'collectorCpu=x'], /as margin/],
  ])('says what is wrong with %j before it calls anything', async (options, message) => {
    const program = buildProgram(() => undefined);
    await expect(program.parseAsync(['experiment', 'create', ...options], { from: 'user' })).rejects.toThrow(
      message,
    );
  });

  it.each([
    [['--uses', 'many'], /--uses takes/],
    [['--within', '-1'], /--within takes/],
    [['--label', 'web'], /not key=value/],
  ])('says what is wrong with a token %j before it calls anything', async (options, message) => {
    const program = buildProgram(() => undefined);
    const words = ['fleet', 'token', 'create', ...options];
    await expect(program.parseAsync(words, { from: 'user' })).rejects.toThrow(message);
  });

  it('takes the bounds of a breakdown only with the breakdown', async () => {
    const words = ['experiment', 'metrics', 'e1', '--limit', '3'];
    await expect(buildProgram(() => undefined).parseAsync(words, { from: 'user' })).rejects.toThrow(/--by/);
  });

  it.each([
    [['clone', 'e1', '--param', 'k=5'], /--candidate/],
    [['clone', 'e1', '--host', 'h1', '--label', 'web'], /not key=value/],
    [['list', '--limit', 'many'], /whole number/],
    [['status', 'e1', '--watch', '--at', '7'], /does not change/],
    [['status', 'e1', '--watch', '--timeout', 'soon'], /whole number/],
    [['results', 'e1', '--format', 'csv', '-o', 'json'], /contradict/],
  ])('says what is wrong with %j before it calls anything', async (words, message) => {
    const program = buildProgram(() => undefined);
    await expect(program.parseAsync(['experiment', ...words], { from: 'user' })).rejects.toThrow(message);
  });

  it.each([
    [['preflight', 'h1'], /say which pipelines/],
    [['preflight', 'h1', '--candidate', 'topk', '--seconds', 'few'], /--seconds takes/],
    [['preflight', 'h1', '--candidate', 'topk', '--param', 'k'], /not key=value/],
    [['preflight', 'h1', '--candidate', 'topk', '--baseline-param', 'k=1'], /needs --baseline/],
    [['preflight', 'h1', '--baseline', 'baseline', '--param', 'k=1'], /needs --candidate/],
    [['simulate', 'h1', '--processes', 'many'], /--processes takes/],
    [['simulate', 'h1', '--seconds', '-1'], /--seconds takes/],
    [['logs', 'h1', '--lines', 'all'], /--lines takes/],
  ])('says what is wrong with the task %j before it calls anything', async (words, message) => {
    const program = buildProgram(() => undefined);
    await expect(program.parseAsync(['task', ...words], { from: 'user' })).rejects.toThrow(message);
  });

  it.each([
    [['pipeline', 'preview', '--candidate', 'topk', '--param', 'k'], /not key=value/],
    [['pipeline', 'preview', '--candidate', 'topk', '--recording', 'r', '--hosts', '2'], /not both/],
    [['recording', 'create', '--seed', 'mine'], /--seed takes/],
    [['recording', 'capture', 'h1', '--seconds', 'few'], /--seconds takes/],
    [['recording', 'capture', 'h1', '--param', 'k=1'], /needs --baseline/],
    [['recording', 'capture', 'h1', '--baseline', 'pipeline:p1'], /pipeline:<id>@<version>/],
    [['recording', 'create', '--churn', 'much'], /--churn takes/],
  ])('says what is wrong with %j before it calls anything', async (words, message) => {
    const program = buildProgram(() => undefined);
    await expect(program.parseAsync(words, { from: 'user' })).rejects.toThrow(message);
  });

  it('looks for Phoenix only in the folder that is named', () => {
    expect(() => findConnection({ PHOENIX_DATA_DIR: '/no/such/folder' })).toThrow(NoConnection);
  });

  it('tells a reason that all figures share once, and an empty one not at all', () => {
    const none = { noData: true, reason: 'no block yet' } as const;
    const usage = { cpu: none, memory: none };
    const kpis = {
      series: { baseline: none, candidate: none, reduction: none },
      coverage: { critical: none, processes: none },
      collector: { baseline: usage, candidate: usage },
      ...{ windows: 2, gapSeconds: 0 },
    } as unknown as KpiAnswer;
    const experiment = { id: 'e1', name: 'n', phase: 'stopped', reason: '', hosts: ['h'], verdict: null };

    expect(statusText(experiment as unknown as ExperimentAnswer, kpis)).toBe(
      'e1  n  stopped  hosts 1\n  no data (no block yet)\n  windows 2 | gap seconds 0',
    );
  });

  it.each([
    ['2026-01-01T00:00:10.900Z', true],
    ['2026-01-01T00:00:08.000Z', true],
    ['2026-01-01T00:00:14.000Z', false],
    ['2026-01-01T00:00:07.000Z', false],
  ])('judges a clock at %s against an answer of ten seconds past: %s', (now, ok) => {
    expect(clockCheck('Thu, 01 Jan 2026 00:00:10 GMT', Date.parse(now))).toMatchObject({ ok });
  });

  it('writes each finding on a line, with the fix below it where it is not ok', () => {
    const checks = [
      { name: 'link', status: 'ok', detail: 'online through its leaf', fix: null },
      { name: 'clock', status: 'bad', detail: '90000 ms ahead', fix: 'Synchronise it.' },
      { name: 'leaf', status: 'no-data', detail: 'no heartbeat yet', fix: 'Start the agent.' },
    ] as const;
    expect(debugText({ id: 'h1', status: 'online', at: '', checks, figures: {} })).toBe(
      [
        'host h1: online',
        'ok       link   online through its leaf',
        'bad      clock  90000 ms ahead',
        '                fix: Synchronise it.',
        'no data  leaf   no heartbeat yet',
        '                fix: Start the agent.',
      ].join('\n'),
    );
  });

  it('aligns tables', () => {
    expect(
      table(
        ['A', 'LONG'],
        [
          ['x', undefined],
          ['yyy', 2],
        ],
      ),
    ).toBe('A    LONG\nx\nyyy  2');
  });
});

function silence(command: ReturnType<typeof buildProgram>): void {
  command.configureOutput({ writeErr: () => undefined });
  command.commands.forEach(silence);
}
