import { Module, type DynamicModule } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { HEALTH, LOGGER, SHUTDOWN, type Health, type Logger, type Shutdown } from '#lib/platform';
import { connectDataSource, verifySchema } from './connect.js';

/** Injection token of the connected data source. */
export const DATA_SOURCE = Symbol('DATA_SOURCE');

/** The database of an app: connected and verified before the app listens, part of its readiness, closed last. */
@Module({})
export class DatabaseModule {
  /** Needs `PlatformModule`. */
  static forRoot(url: string): DynamicModule {
    const dataSource = {
      provide: DATA_SOURCE,
      useFactory: async (logger: Logger, health: Health, shutdown: Shutdown): Promise<DataSource> => {
        const source = await connectDataSource(url, logger);
        await verifySchema(source).catch(async (error: unknown) => {
          await source.destroy();
          throw error;
        });
        health.register('postgres', async () => {
          await source.query('SELECT 1');
          return undefined;
        });
        shutdown.on('drain', 'postgres', () => source.destroy());
        return source;
      },
      inject: [LOGGER, HEALTH, SHUTDOWN],
    };
    return { module: DatabaseModule, global: true, providers: [dataSource], exports: [DATA_SOURCE] };
  }
}
