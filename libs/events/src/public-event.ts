import type { StoredCommit } from './commit.js';
import { subjects } from './subjects.js';

/** CloudEvents 1.0 in structured JSON mode. */
export interface CloudEvent {
  readonly specversion: '1.0';
  /** `<position>-<index>`: unique with `source`, and ordered. */
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string;
  readonly time: string;
  readonly datacontenttype: 'application/json';
  readonly data: unknown;
}

/** The public messages of one commit, in order, with the subject each belongs on. Pure. */
export function publicEventsOf(
  commit: StoredCommit,
): readonly { readonly subject: string; readonly event: CloudEvent }[] {
  return commit.events.map((event, index) => ({
    subject: subjects.publicEvent(commit.tenant, commit.aggregate, event.type),
    event: {
      specversion: '1.0',
      id: `${commit.position}-${index}`,
      source: `/tenants/${commit.tenant}/${commit.aggregate}s`,
      type: `phoenix.${event.type}`,
      subject: commit.id,
      time: commit.at,
      datacontenttype: 'application/json',
      data: event.data,
    },
  }));
}
