import type { Attempt } from '#lib/agent-protocol';
import type { HostCommand } from '#lib/domain';

/** What an attempt means for the host itself; most stages are for the ledger alone. */
export function hostCommandOf(attempt: Attempt): HostCommand | undefined {
  const { at, generation, collectors } = attempt;
  const reason = attempt.reason ?? 'the host gave no reason';
  switch (attempt.stage) {
    case 'effective':
      return { type: 'ReportConfigurationApplied', at, generation, collectors };
    case 'failed':
      return { type: 'ReportConfigurationFailed', at, generation, reason };
    case 'fell-back':
      return { type: 'ReportHostFellBack', at, generation, reason, collectors };
    case 'offered':
    case 'received':
    case 'validated':
    case 'applying':
      return undefined;
  }
}
