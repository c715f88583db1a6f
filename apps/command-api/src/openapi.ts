import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { commandApiConfig } from './command-api.config.js';
import { CommandApiModule } from './command-api.module.js';
import { placeRoutes } from './routes.js';
import { answerSchemas } from './shared/openapi/schemas.js';

const DESCRIPTION = `Phoenix runs two collector pipelines side by side on the same hosts, measures what each one emits, and
decides with honest statistics whether the cheaper one may replace the other.

Commands answer \`202 {id, position}\`; a query with \`?atLeast=<position>\` is answered from views that contain it.
Every refusal is \`application/problem+json\` with a literal \`code\`. Live data is on the WebSocket \`/api/v1/ws\`.`;

/** The reference of the API, from the code itself. Works on an application in preview mode, which connects to nothing. */
export function describeApi(app: INestApplication): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Phoenix')
    .setDescription(DESCRIPTION)
    .setVersion('1')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addServer('/')
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT' }, 'token')
    .addSecurityRequirements('token')
    .addGlobalResponse({
      status: 'default' as unknown as number,
      description: 'Refused or failed.',
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    });
  const document = SwaggerModule.createDocument(app, builder.build(), {
    operationIdFactory: (controller, method) =>
      `${controller.replace(/Controller$/, '').toLowerCase()}-${method}`,
  });
  const { schemas } = document.components ?? {};
  return { ...document, components: { ...document.components, schemas: { ...schemas, ...answerSchemas() } } };
}

/** `openapi.json` as it is checked in: made from the code alone, without a server, a database or NATS. */
export async function buildOpenApiDocument(): Promise<OpenAPIObject> {
  const none = 'none';
  const config = commandApiConfig.parse({
    natsUrl: none,
    natsCreds: none,
    databaseUrl: none,
    jwtSecretFile: none,
  });
  const module = CommandApiModule.forRoot(config);
  const preview = { preview: true, logger: false, abortOnError: false } as const;
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest declares options as a class
  const app = await NestFactory.create<NestFastifyApplication>(module, new FastifyAdapter(), preview);
  placeRoutes(app);
  return describeApi(app);
}
