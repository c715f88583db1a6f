export { runCommand, type MigrateCommand, type Outcome } from './commands.js';
export { migrateConfig, type MigrateConfig } from './migrate.config.js';
export { migrateDown, migrateUp, migrationStatus, type MigrationStatus } from './schema.js';
