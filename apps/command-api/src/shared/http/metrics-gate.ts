import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';

const LOOPBACK = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);

/**
 * This app is the one public door, so its figures about itself are for callers on the same machine only: a scraper
 * beside it. Whoever comes through a proxy is not, whatever address the proxy has.
 */
export function guardMetrics(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onRequest', async (request, reply) => {
    if (request.url.split('?', 1)[0] !== '/metrics' || isLocal(request)) return;
    await reply.status(403).type('application/problem+json').send({
      type: 'urn:phoenix:problem:forbidden',
      title: 'Forbidden',
      status: 403,
      code: 'forbidden',
      detail: 'Metrics are answered to callers on the same machine only.',
      hint: 'Run the scraper beside this process.',
    });
  });
}

function isLocal({ socket, headers }: FastifyRequest): boolean {
  const isForwarded = headers['x-forwarded-for'] !== undefined || headers['forwarded'] !== undefined;
  return !isForwarded && LOOPBACK.has(socket.remoteAddress ?? '');
}
