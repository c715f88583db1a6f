import type { createDataSource } from '#lib/database';

/** The connected data source. */
export type Database = ReturnType<typeof createDataSource>;
