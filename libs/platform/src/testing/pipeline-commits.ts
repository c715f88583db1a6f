import type { AggregateId, AggregateRef, CommandId, Commit, EventsOf, TenantId } from '#lib/events';

/** A pipeline of a tenant; the simplest aggregate, used wherever a test needs one. */
export function pipelineRef(id: string, tenant = 'default'): AggregateRef<'pipeline'> {
  return { tenant: tenant as TenantId, aggregate: 'pipeline', id: id as AggregateId };
}

/** A commit with one `PipelineVersionPublished`. */
export function versionCommit(
  ref: AggregateRef<'pipeline'>,
  commandId: string,
  version = 1,
): Commit<'pipeline'> {
  return {
    ...ref,
    commandId: commandId as CommandId,
    actor: { kind: 'user', id: 'tester' },
    at: '2026-01-01T00:00:00.000Z',
    events: [versionPublished(version)],
  };
}

export function versionPublished(version: number): EventsOf<'pipeline'> {
  const at = '2026-01-01T00:00:00.000Z';
  return { type: 'PipelineVersionPublished', data: { at, version, template: 'baseline', parameters: {} } };
}
