import { kpiChange } from '#lib/database';
import type { Database } from '../shared/views/database.js';
import type { KpisReader } from '../shared/views/kpis.reader.js';
import type { FeedSource, Rows, Topic } from './feed-source.js';

/** Figures change as a whole, so a change is answered with all of them: one row, whose key is the experiment. */
export class KpiSource implements FeedSource {
  constructor(
    private readonly db: Database,
    private readonly kpis: KpisReader,
  ) {}

  async head(topic: Topic): Promise<number> {
    const newest = await this.db
      .getRepository(kpiChange)
      .createQueryBuilder('k')
      .select('coalesce(max(k.id), 0)::float8', 'head')
      .where('k.tenant = :tenant AND k.experimentId = :id', { tenant: topic.tenant, id: idOf(topic) })
      .getRawOne<{ head: number }>();
    return newest?.head ?? 0;
  }

  async snapshot(topic: Topic): Promise<Rows> {
    const cursor = await this.head(topic);
    const kpis = await this.kpis.kpis(topic.tenant, idOf(topic));
    return { cursor, rows: kpis === undefined ? [] : [{ key: idOf(topic), row: kpis }] };
  }

  changes(topic: Topic): Promise<Rows> {
    return this.snapshot(topic);
  }
}

function idOf({ view }: Topic) {
  if (view.kind === 'kpis') return view.id;
  throw new TypeError(`${view.kind} has no figures`);
}
