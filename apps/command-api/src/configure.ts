import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { WsAdapter } from '@nestjs/platform-ws';
import { SwaggerModule } from '@nestjs/swagger';
import { LOGGER, SHUTDOWN, type Logger, type Shutdown } from '#lib/platform';
import { AuditTrail } from './audit/audit-trail.js';
import type { CommandApiConfig } from './command-api.config.js';
import { describeApi } from './openapi.js';
import { API_PREFIX, placeRoutes } from './routes.js';
import { WsPort } from './feeds/ws-port.js';
import { guardMetrics } from './shared/http/metrics-gate.js';
import { secureHeaders } from './shared/http/security-headers.js';

/** Routes, feed and reference of an app that is about to listen. */
export async function configureCommandApi(
  app: NestFastifyApplication,
  { wsPort, httpHost }: Pick<CommandApiConfig, 'wsPort' | 'httpHost'>,
): Promise<void> {
  placeRoutes(app);
  secureHeaders(app);
  guardMetrics(app);
  app.get(AuditTrail).follow(app);
  app.useWebSocketAdapter(new WsAdapter(app));
  SwaggerModule.setup('docs', app, () => describeApi(app), {
    ui: false,
    raw: ['json'],
    jsonDocumentUrl: `${API_PREFIX}/openapi.json`,
  });
  const second = new WsPort(app.getHttpServer());
  await second.listen(wsPort, httpHost, app.get<Logger>(LOGGER));
  app.get<Shutdown>(SHUTDOWN).on('stop-intake', 'feed port', () => second.close());
}
