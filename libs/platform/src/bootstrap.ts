import { RequestMethod, type DynamicModule, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { ConfigError } from './config/load-config.js';
import type { ErrorStatuses } from './http/error-status.js';
import { closerOfUnused } from './http/unused-connections.js';
import { ProblemFilter } from './http/problem.filter.js';
import { validationPipe } from './http/validation.js';
import type { Shutdown, ShutdownPhase } from './lifecycle/shutdown.js';
import { NestLogger, type Logger } from './logging/logger.js';
import { LOGGER, SHUTDOWN } from './tokens.js';

export interface AppOptions {
  readonly port: number;
  /** Address to listen on; all by default. */
  readonly host?: string;
  /** Such as `api/v1`; health and metrics stay at the root. */
  readonly prefix?: string;
  /** Bytes; larger bodies are refused with 413. Default 1 MiB. */
  readonly bodyLimit?: number;
  readonly errorStatuses?: ErrorStatuses;
  /** When the app stops to listen; first of all when left out, unless it needs answers to finish what it began. */
  readonly listensUntil?: Extract<ShutdownPhase, 'stop-intake' | 'flush'>;
  /** Last touches before the app listens, such as a WebSocket adapter or the API reference. */
  readonly configure?: (app: NestFastifyApplication) => void | Promise<void>;
}

const DEFAULT_BODY_LIMIT = 1_048_576;
const outsideThePrefix = ['health', 'health/live', 'health/ready', 'metrics'];

/** Builds an app on `PlatformModule` and listens. The caller ends it with `app.close()`. */
export async function createApp(
  module: Type | DynamicModule,
  options: AppOptions,
): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({ bodyLimit: options.bodyLimit ?? DEFAULT_BODY_LIMIT });
  // Nest's own log is no JSON; a failed start is told once, by `runMain`.
  const silent = { logger: false, abortOnError: false } as const;
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest declares options as a class
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, silent);
  const logger = app.get<Logger>(LOGGER);
  app.useLogger(new NestLogger(logger));
  app.useGlobalPipes(validationPipe());
  app.useGlobalFilters(new ProblemFilter(options.errorStatuses ?? {}, logger));
  if (options.prefix !== undefined)
    app.setGlobalPrefix(options.prefix, {
      exclude: outsideThePrefix.map((path) => ({ path, method: RequestMethod.GET })),
    });
  const fastify = app.getHttpAdapter().getInstance();
  const closeUnused = closerOfUnused(fastify.server);
  try {
    await options.configure?.(app);
    await app.listen(options.port, options.host ?? '0.0.0.0');
  } catch (error) {
    await app.close();
    throw error;
  }
  app.get<Shutdown>(SHUTDOWN).on(options.listensUntil ?? 'stop-intake', 'http', () => {
    closeUnused();
    return fastify.close();
  });
  logger.info({ url: await app.getUrl() }, 'ready');
  return app;
}

/** `createApp` for `main.ts`: SIGTERM and SIGINT end the app in order and then the process. */
export async function bootstrapApp(
  module: Type | DynamicModule,
  options: AppOptions,
): Promise<NestFastifyApplication> {
  const app = await createApp(module, options);
  const logger = app.get<Logger>(LOGGER);
  process.on('warning', (warning) => logger.warn({ err: warning }, 'process warning'));
  const end = (signal: NodeJS.Signals): void => {
    logger.info({ signal }, 'shutting down');
    void app.close().finally(() => process.exit(0));
  };
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
  return app;
}

/** From sysexits.h. */
export const EXIT_CODES = { config: 78, unavailable: 69, failed: 70 } as const;

/**
 * Runs an app's `main`. What keeps it from starting is told in one line on stderr, and by the exit code: 78 for the
 * configuration, 69 for what it needs (server, streams, port), 70 for anything else, which also shows its stack.
 */
export async function runMain(app: string, main: () => Promise<unknown>): Promise<void> {
  try {
    await main();
  } catch (error) {
    const { line, code } = startFailure(error);
    process.stderr.write(`${app}: ${line}\n`);
    process.exit(code);
  }
}

/** Reads an error of the start. Pure. */
export function startFailure(error: unknown): { readonly line: string; readonly code: number } {
  const { name = '', code, port, message = String(error), stack } = (error ?? {}) as Partial<Failure>;
  if (error instanceof ConfigError) return { line: message, code: EXIT_CODES.config };
  if (code === 'EADDRINUSE' && port !== undefined)
    return {
      line: `port ${port} is taken; choose another or stop what listens there`,
      code: EXIT_CODES.unavailable,
    };
  if (NEEDS.has(name)) return { line: `${name}: ${oneLine(message)}`, code: EXIT_CODES.unavailable };
  return { line: stack ?? message, code: EXIT_CODES.failed };
}

interface Failure extends Error {
  readonly code: unknown;
  readonly port: number;
}

/** Errors that speak of a part which is not there or not as needed. */
const NEEDS: ReadonlySet<string> = new Set([
  'TopologyError',
  'ConnectionError',
  'AuthorizationError',
  'TimeoutError',
  'NoRespondersError',
]);

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}
