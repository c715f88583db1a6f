import {
  pipelineVersionView,
  pipelineView,
  type PipelineVersionView,
  type PipelineView,
} from '#lib/database';
import type { EventsOf, PipelineContent, StoredCommit } from '#lib/events';
import type { AggregateView } from '../shared/aggregate-view.js';

type Event = EventsOf<'pipeline'>;
type Commit = StoredCommit<'pipeline'>;

/** `pipeline_view` and `pipeline_version_view`. */
export const pipelinesView: AggregateView<'pipeline', PipelineView, PipelineVersionView> = {
  name: 'pipelines',
  aggregate: 'pipeline',
  table: pipelineView,
  begins: 'PipelineCreated',
  evolve,
  details: { table: pipelineVersionView, of: versionsOf },
};

function evolve(row: PipelineView | undefined, event: Event, commit: Commit): PipelineView {
  const { at } = event.data;
  if (event.type === 'PipelineCreated') return created(event.data, commit);
  if (row === undefined) throw new TypeError(`${event.type} of a pipeline that was never created`);
  switch (event.type) {
    case 'PipelineVersionPublished':
      return { ...row, latestVersion: event.data.version, updatedAt: at };
    case 'PipelineDeprecated':
      return { ...row, deprecated: true, deprecatedReason: event.data.reason, updatedAt: at };
  }
}

function created(data: Extract<Event, { type: 'PipelineCreated' }>['data'], commit: Commit): PipelineView {
  return {
    tenant: commit.tenant,
    id: commit.id,
    position: commit.position,
    name: data.name,
    description: data.description,
    latestVersion: 0,
    deprecated: false,
    deprecatedReason: null,
    createdAt: data.at,
    createdBy: commit.actor.id,
    updatedAt: data.at,
  };
}

function versionsOf(commit: Commit): readonly PipelineVersionView[] {
  return commit.events.flatMap((event) =>
    event.type !== 'PipelineVersionPublished'
      ? []
      : [
          {
            tenant: commit.tenant,
            pipelineId: commit.id,
            version: event.data.version,
            position: commit.position,
            ...contentColumns(event.data),
            contentHash: event.data.contentHash ?? null,
            publishedAt: event.data.at,
            publishedBy: commit.actor.id,
          },
        ],
  );
}

function contentColumns(
  content: PipelineContent,
): Pick<PipelineVersionView, 'template' | 'parameters' | 'spec' | 'yaml'> {
  const none = { template: null, parameters: null, spec: null, yaml: null };
  if ('template' in content) return { ...none, template: content.template, parameters: content.parameters };
  return 'spec' in content ? { ...none, spec: content.spec } : { ...none, yaml: content.yaml };
}
