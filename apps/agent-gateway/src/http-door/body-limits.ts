import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  HTTP_DOOR_PATHS,
  MAX_LIFE_SIGN_BYTES,
  MAX_UPLINK_BYTES,
  UPLINK_MEDIA_TYPE,
} from '#lib/agent-protocol';

const limits: readonly (readonly [path: string, bytes: number])[] = [
  [HTTP_DOOR_PATHS.hello, MAX_LIFE_SIGN_BYTES],
  [HTTP_DOOR_PATHS.heartbeat, MAX_LIFE_SIGN_BYTES],
  [HTTP_DOOR_PATHS.acceptance(':taskId'), MAX_LIFE_SIGN_BYTES],
  [HTTP_DOOR_PATHS.results, MAX_UPLINK_BYTES.results],
  [HTTP_DOOR_PATHS.metrics, MAX_UPLINK_BYTES.metrics],
];

/** Takes the bytes of both lanes as they are, and of no route more than its message may have. Before the routes. */
export function boundBodies(app: NestFastifyApplication): void {
  const longest = Math.max(...limits.map(([, bytes]) => bytes));
  app.useBodyParser(UPLINK_MEDIA_TYPE, { bodyLimit: longest });
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRoute', (route) => {
      const limit = limits.find(([path]) => route.url.endsWith(`/${path}`));
      if (limit !== undefined) route.bodyLimit = limit[1];
    });
}
