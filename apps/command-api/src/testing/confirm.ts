import { experimentDecider, type ExperimentCommand } from '#lib/domain';
import type { AggregateId } from '#lib/events';
import { COMMAND_HANDLER, commandIdFrom, type HandlesCommands } from '#lib/platform';
import { tenant, type RunningApi } from './running-api.js';

/** Sends what another app would send on its own: the analyzer's beginnings, the gateway's confirmations. */
export function confirm(
  app: RunningApi['app'],
  id: AggregateId,
  command: ExperimentCommand['type'] | ExperimentCommand,
): Promise<unknown> {
  const whole = typeof command === 'string' ? { type: command, at: '2026-01-01T00:00:00.000Z' } : command;
  return app
    .get<HandlesCommands>(COMMAND_HANDLER)
    .handle(experimentDecider, { tenant, aggregate: 'experiment', id }, whole as ExperimentCommand, {
      commandId: commandIdFrom(id, whole.type, whole.at),
      actor: { kind: 'service', id: 'analyzer' },
    });
}
