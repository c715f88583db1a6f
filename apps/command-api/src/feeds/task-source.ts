import { taskStage } from '#lib/database';
import type { Database } from '../shared/views/database.js';
import type { TasksReader } from '../shared/views/tasks.reader.js';
import { MAX_DELTA_ROWS, type FeedSource, type Rows, type Topic } from './feed-source.js';

/** One-shot tasks; their stages are the cursor. */
export class TaskSource implements FeedSource {
  constructor(
    private readonly db: Database,
    private readonly tasks: TasksReader,
  ) {}

  async head({ tenant }: Topic): Promise<number> {
    const newest = await this.db
      .getRepository(taskStage)
      .createQueryBuilder('s')
      .select('coalesce(max(s.id), 0)::float8', 'head')
      .where('s.tenant = :tenant', { tenant })
      .getRawOne<{ head: number }>();
    return newest?.head ?? 0;
  }

  async snapshot(topic: Topic): Promise<Rows> {
    const cursor = await this.head(topic);
    const tasks = await this.tasks.tasks(topic.tenant);
    return { cursor, rows: tasks.map((row) => ({ key: row.id, row })) };
  }

  async changes({ tenant }: Topic, after: number): Promise<Rows | undefined> {
    const changed = await this.db
      .getRepository(taskStage)
      .createQueryBuilder('s')
      .select(['s.taskId AS key', 'max(s.id)::float8 AS id'])
      .where('s.tenant = :tenant AND s.id > :after', { tenant, after })
      .groupBy('s.taskId')
      .limit(MAX_DELTA_ROWS + 1)
      .getRawMany<{ key: string; id: number }>();
    if (changed.length > MAX_DELTA_ROWS) return undefined;
    const cursor = changed.reduce((newest, { id }) => Math.max(newest, id), after);
    const keys = changed.map(({ key }) => key);
    const tasks = keys.length === 0 ? [] : await this.tasks.tasks(tenant, keys);
    return { cursor, rows: tasks.map((row) => ({ key: row.id, row })) };
  }
}
