import type { LoggerService } from '@nestjs/common';
import { pino, type DestinationStream, type Logger as PinoLogger } from 'pino';

export type Logger = PinoLogger;
export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;
export type LogLevel = (typeof logLevels)[number];

/** A logger that writes one JSON object a line. Fields that are named like secrets are never written. */
export function createLogger(
  options: { readonly app: string; readonly level: LogLevel },
  destination?: DestinationStream,
): Logger {
  const secrets = ['password', 'token', 'authorization', 'creds', 'secret'];
  const settings = {
    level: options.level,
    base: { app: options.app },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: secrets.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
  };
  return destination === undefined ? pino(settings) : pino(settings, destination);
}

type Parameters = readonly unknown[];

/** Lets Nest write through our logger. Nest puts the context, and for errors the stack before it, at the end. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...rest: Parameters): void {
    // Nest tells each route and module at start; only a reader who debugs wants that.
    this.write('debug', message, rest);
  }

  error(message: unknown, ...rest: Parameters): void {
    this.write('error', message, rest);
  }

  warn(message: unknown, ...rest: Parameters): void {
    this.write('warn', message, rest);
  }

  debug(message: unknown, ...rest: Parameters): void {
    this.write('debug', message, rest);
  }

  verbose(message: unknown, ...rest: Parameters): void {
    this.write('trace', message, rest);
  }

  fatal(message: unknown, ...rest: Parameters): void {
    this.write('fatal', message, rest);
  }

  private write(level: LogLevel, message: unknown, rest: Parameters): void {
    const context = rest.at(-1);
    const stack = rest.length > 1 ? rest[0] : undefined;
    const fields = {
      ...(typeof context === 'string' ? { context } : {}),
      ...(typeof stack === 'string' ? { stack } : {}),
      ...(message instanceof Error ? { err: message } : {}),
    };
    this.logger[level](fields, message instanceof Error ? message.message : String(message));
  }
}
