/** Where a host publishes and listens. The host credential permits exactly these (see the NATS accounts). */
export function hostSubjects(tenant: string, host: string) {
  return {
    hello: `hello.${tenant}.${host}`,
    heartbeat: `hb.${tenant}.${host}`,
    metrics: `met.${tenant}.${host}`,
    uplink: (kind: string) => `up.${tenant}.${host}.${kind}`,
    task: `down.${tenant}.${host}.task`,
    reply: (taskId: string) => `rep.${tenant}.${host}.${taskId}`,
    inboxPrefix: `_INBOX_${host}`,
  } as const;
}

/** Outbox numbering: ingest deduplicates by `(host, epoch, n)`, never by message id. */
export const OUTBOX_HEADERS = { epoch: 'Phx-Epoch', n: 'Phx-N', lane: 'Phx-Lane' } as const;

/** On windows: the experiment that they were metered for. */
export const EXPERIMENT_HEADER = 'Phx-Experiment';

/** A host sends a heartbeat at least this often; two that are missing make it suspect, four offline. */
export const HEARTBEAT_SECONDS = 10;
export const SUSPECT_AFTER_SECONDS = 2 * HEARTBEAT_SECONDS;
export const OFFLINE_AFTER_SECONDS = 4 * HEARTBEAT_SECONDS;
/** Heartbeats come earlier than that by up to this share, at random: hosts that start together drift apart. */
export const HEARTBEAT_JITTER = 0.2;
