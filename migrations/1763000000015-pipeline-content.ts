import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A version of a pipeline says more than a template with parameters. */
export class PipelineContent1763000000015 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE pipeline_version_view
        ALTER COLUMN template DROP NOT NULL,
        ALTER COLUMN parameters DROP NOT NULL,
        ADD COLUMN spec jsonb,
        ADD COLUMN yaml text,
        ADD COLUMN content_hash text
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    // The log still has what the older view cannot show.
    await runner.query('DELETE FROM pipeline_version_view WHERE template IS NULL');
    await runner.query(`
      ALTER TABLE pipeline_version_view
        DROP COLUMN content_hash,
        DROP COLUMN yaml,
        DROP COLUMN spec,
        ALTER COLUMN parameters SET NOT NULL,
        ALTER COLUMN template SET NOT NULL
    `);
  }
}
