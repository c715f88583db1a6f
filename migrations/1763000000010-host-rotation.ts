import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A host's credentials while they are exchanged. */
export class HostRotation1763000000010 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE host_view ADD COLUMN rotation_requested_at timestamptz');
    await runner.query('ALTER TABLE host_credential ADD COLUMN next_secret_hash text');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE host_credential DROP COLUMN next_secret_hash');
    await runner.query('ALTER TABLE host_view DROP COLUMN rotation_requested_at');
  }
}
