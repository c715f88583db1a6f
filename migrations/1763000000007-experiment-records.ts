import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Where a clone came from, and the results that are kept as they were first told. */
export class ExperimentRecords1763000000007 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE experiment_view ADD COLUMN cloned_from text`);
    await runner.query(`
      CREATE TABLE experiment_result (
        tenant text NOT NULL,
        experiment_id text NOT NULL,
        position bigint NOT NULL,
        document json NOT NULL,
        recorded_at timestamptz NOT NULL,
        CONSTRAINT experiment_result_pkey PRIMARY KEY (tenant, experiment_id)
      )
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE experiment_result`);
    await runner.query(`ALTER TABLE experiment_view DROP COLUMN cloned_from`);
  }
}
