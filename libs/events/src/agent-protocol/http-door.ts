/**
 * The HTTP door: for hosts that do not reach NATS. It carries the same messages with the same meaning; host and tenant
 * are those of the bearer credential. Below the gateway's `/api/v1`:
 *
 * - `GET  agent/tasks?wait=30`: the next hand-over, a `DownTask`, or 204 when none came within so many seconds
 * - `POST agent/tasks/<taskId>/acceptance`: a `HandOverReply`
 * - `POST agent/hello`, `POST agent/heartbeat`: as on NATS
 * - `POST agent/status`, `POST agent/metrics`: one message of the lane `results` or `metrics`, its bytes as they are, its
 *   number in the outbox in the headers. 200 means stored, as a PubAck does; anything else means: send it again.
 */
export const HTTP_DOOR_PATHS = {
  hello: 'agent/hello',
  heartbeat: 'agent/heartbeat',
  tasks: 'agent/tasks',
  acceptance: (taskId: string) => `agent/tasks/${taskId}/acceptance`,
  results: 'agent/status',
  metrics: 'agent/metrics',
} as const;

/** A poll is held open for so long at most. */
export const LONGEST_POLL_SECONDS = 30;

/** Media type of a lane's messages: the gateway passes their bytes on as they are. */
export const UPLINK_MEDIA_TYPE = 'application/octet-stream';

/** What the streams take, less 4 KiB for headers (`libs/events` streams `UPLINK` and `METRICS`). */
export const MAX_UPLINK_BYTES = { results: 124 * 1024, metrics: 252 * 1024 } as const;
