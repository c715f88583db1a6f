import type { FeedSource, Rows, Topic } from './feed-source.js';

/** Gives each topic to the source that has it. */
export class TopicSource implements FeedSource {
  constructor(
    private readonly log: FeedSource,
    private readonly kpis: FeedSource,
    private readonly tasks: FeedSource,
  ) {}

  head(topic: Topic): Promise<number> {
    return this.of(topic).head(topic);
  }

  snapshot(topic: Topic): Promise<Rows> {
    return this.of(topic).snapshot(topic);
  }

  changes(topic: Topic, after: number): Promise<Rows | undefined> {
    return this.of(topic).changes(topic, after);
  }

  private of({ view }: Topic): FeedSource {
    switch (view.kind) {
      case 'kpis':
        return this.kpis;
      case 'tasks':
        return this.tasks;
      case 'experiment':
      case 'experiments':
      case 'fleet':
        return this.log;
    }
  }
}
