import type { createDataSource } from '#lib/database';

/** The data source that `DATA_SOURCE` gives. Its class belongs to libs/database. */
export type Database = ReturnType<typeof createDataSource>;
