import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Parts of recordings that hosts have captured, until they are whole. */
export class RecordingParts1763000000019 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE recording_part (
        tenant text NOT NULL,
        task_id text NOT NULL,
        part integer NOT NULL,
        host text NOT NULL,
        content bytea NOT NULL,
        received_at timestamptz NOT NULL,
        CONSTRAINT recording_part_pkey PRIMARY KEY (tenant, task_id, part)
      )
    `);
    // Packed already: the database need not try.
    await runner.query('ALTER TABLE recording_part ALTER COLUMN content SET STORAGE EXTERNAL');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE recording_part');
  }
}
