import type { ExperimentSpec } from '#lib/events';
import type { PromoteExperiment, StartExperiment } from './commands.js';
import { refuseExperiment } from './errors.js';
import type { ExperimentState } from './state.js';

/** What a schema cannot say about a description. Baseline and candidate may be equal: that is an A/A run. */
export function requireValidSpec({ schedule, guardrails }: ExperimentSpec): void {
  const { minimumSeconds, maximumSeconds } = schedule;
  if (minimumSeconds > maximumSeconds)
    throw refuseExperiment(
      'invalid-schedule',
      `The minimum of ${minimumSeconds} s is longer than the maximum of ${maximumSeconds} s.`,
    );
  const kpis = guardrails.map(({ kpi }) => kpi);
  const twice = kpis.find((kpi, index) => kpis.indexOf(kpi) !== index);
  if (twice !== undefined)
    throw refuseExperiment('duplicate-guardrail', `The guardrail ${twice} is named twice.`);
}

/** A start needs a host, and hosts that nobody else experiments on. */
export function requireFreeHosts({ hosts, busyHosts = [] }: StartExperiment): void {
  if (hosts.length === 0) throw refuseExperiment('no-target-hosts');
  const inTheWay = busyHosts.filter(({ host }) => hosts.includes(host));
  if (inTheWay.length === 0) return;
  const list = inTheWay.map(({ host, experimentId }) => `${host} (${experimentId})`).join(', ');
  throw refuseExperiment('hosts-busy', `These hosts take part in another experiment: ${list}.`);
}

/** True when the newest verdict itself asks for the promotion. */
export function verdictPromotes(state: ExperimentState): boolean {
  return 'run' in state && state.run.verdict?.decision === 'promote';
}

/** Only a verdict or a person who gives a reason can promote. */
export function requirePromotable(command: PromoteExperiment, state: ExperimentState): void {
  if (verdictPromotes(state)) return;
  if (!command.despiteVerdict)
    throw refuseExperiment(
      state.phase === 'running' ? 'experiment-not-promotable' : 'verdict-does-not-promote',
    );
  if (command.reason.trim() === '') throw refuseExperiment('reason-required');
}
