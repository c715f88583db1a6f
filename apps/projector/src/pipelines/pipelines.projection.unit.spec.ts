import type { EventsOf } from '#lib/events';
import { foldCommits } from '../shared/aggregate-view.js';
import { commitsOf, rowAfter, second } from '../shared/testing/given.js';
import { pipelinesView } from './pipelines.projection.js';

type Event = EventsOf<'pipeline'>;

const created: Event = { type: 'PipelineCreated', data: { at: second(0), name: 'Edge', description: 'all' } };
const published = (version: number): Event => ({
  type: 'PipelineVersionPublished',
  data: { at: second(version), version, template: 'topk', parameters: { k: version } },
});

describe('the view of pipelines', () => {
  it('shows a pipeline with its newest version', () => {
    const commits = commitsOf('pipeline', [created], [published(1)], [published(2)]);
    expect(rowAfter(pipelinesView, commits)).toMatchObject({
      id: 'a1',
      name: 'Edge',
      latestVersion: 2,
      deprecated: false,
      createdBy: 'ada',
      createdAt: second(0),
      updatedAt: second(2),
    });
  });

  it('keeps every version as it was published', () => {
    const commits = commitsOf('pipeline', [created, published(1)], [published(2)]);
    expect(foldCommits(pipelinesView, [], commits).details).toMatchObject([
      { pipelineId: 'a1', version: 1, template: 'topk', parameters: { k: 1 }, position: 1 },
      { pipelineId: 'a1', version: 2, template: 'topk', parameters: { k: 2 }, position: 2 },
    ]);
  });

  it('keeps each kind of content in its own columns, with the hash where there is one', () => {
    const contents = [{ spec: { source: {} } }, { yaml: 'receivers: {}' }] as const;
    const events: readonly Event[] = contents.map((content, n) => ({
      type: 'PipelineVersionPublished',
      data: { at: second(n), version: n + 2, contentHash: 'a'.repeat(64), ...content },
    }));
    const none = { template: null, parameters: null, spec: null, yaml: null };
    expect(
      foldCommits(pipelinesView, [], commitsOf('pipeline', [created, published(1), ...events])).details,
    ).toMatchObject([
      { ...none, template: 'topk', parameters: { k: 1 }, contentHash: null },
      { ...none, spec: { source: {} }, contentHash: 'a'.repeat(64) },
      { ...none, yaml: 'receivers: {}', contentHash: 'a'.repeat(64) },
    ]);
  });

  it('says why a pipeline should not be used any more', () => {
    const deprecated: Event = { type: 'PipelineDeprecated', data: { at: second(3), reason: 'too lossy' } };
    expect(rowAfter(pipelinesView, commitsOf('pipeline', [created], [deprecated]))).toMatchObject({
      deprecated: true,
      deprecatedReason: 'too lossy',
    });
  });

  it('calls a version of a pipeline that was never created poison', () => {
    expect(() => rowAfter(pipelinesView, commitsOf('pipeline', [published(1)]))).toThrow(
      'rejected-by-projection',
    );
  });
});
