import { changeLog, type ViewName } from '#lib/database';
import type { Database } from '../shared/views/database.js';
import type { ExperimentsReader } from '../shared/views/experiments.reader.js';
import type { HostsReader } from '../shared/views/hosts.reader.js';
import { MAX_DELTA_ROWS, type FeedSource, type Rows, type Topic } from './feed-source.js';
import type { Row } from './protocol.js';

/** Topics whose changes the projector records in `change_log`. */
export class LogSource implements FeedSource {
  constructor(
    private readonly db: Database,
    private readonly experiments: ExperimentsReader,
    private readonly hosts: HostsReader,
  ) {}

  async head(topic: Topic): Promise<number> {
    const newest = await this.log(topic)
      .select('coalesce(max(c.id), 0)::float8', 'head')
      .getRawOne<{ head: number }>();
    return newest?.head ?? 0;
  }

  async snapshot(topic: Topic): Promise<Rows> {
    // The cursor comes first: rows read after it are at least as new, and a change sent again changes nothing.
    const cursor = await this.head(topic);
    return { cursor, rows: await this.rows(topic) };
  }

  async changes(topic: Topic, after: number): Promise<Rows | undefined> {
    const changed = await this.log(topic)
      .select(['c.key AS key', 'max(c.id)::float8 AS id'])
      .andWhere('c.id > :after', { after })
      .groupBy('c.key')
      .limit(MAX_DELTA_ROWS + 1)
      .getRawMany<{ key: string; id: number }>();
    if (changed.length > MAX_DELTA_ROWS) return undefined;
    const cursor = changed.reduce((newest, { id }) => Math.max(newest, id), after);
    const keys = changed.map(({ key }) => key);
    const rows = keys.length === 0 ? [] : await this.rows(topic, keys);
    const gone = keys.filter((key) => !rows.some((row) => row.key === key));
    return { cursor, rows: [...rows, ...gone.map((key) => ({ key, row: null }))] };
  }

  private log({ tenant, view }: Topic) {
    const select = this.db.getRepository(changeLog).createQueryBuilder('c');
    select.where('c.tenant = :tenant AND c.view = :view', {
      tenant,
      view: logViews[view.kind as LoggedView],
    });
    return 'id' in view ? select.andWhere('c.key = :key', { key: view.id }) : select;
  }

  private async rows({ tenant, view }: Topic, keys?: readonly string[]): Promise<readonly Row[]> {
    switch (view.kind) {
      case 'experiments':
        return (await this.experiments.summaries(tenant, keys)).map(keyed);
      case 'fleet':
        return (await this.hosts.hosts(tenant, keys)).map(keyed);
      case 'experiment': {
        const experiment = await this.experiments.get(tenant, view.id);
        return experiment === undefined ? [] : [keyed(experiment)];
      }
      case 'kpis':
      case 'tasks':
        throw new TypeError(`${view.kind} are not recorded in the change log`);
    }
  }
}

type LoggedView = Exclude<Topic['view']['kind'], 'kpis' | 'tasks'>;
const logViews: Readonly<Record<LoggedView, ViewName>> = {
  experiments: 'experiments',
  experiment: 'experiments',
  fleet: 'hosts',
};

const keyed = (row: { readonly id: string }): Row => ({ key: row.id, row });
