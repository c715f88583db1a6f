import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The ports on which applications push data to each host. */
export class HostIngress1763000000020 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE host_presence ADD COLUMN ingress jsonb');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE host_presence DROP COLUMN ingress');
  }
}
