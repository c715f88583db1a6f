import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The secrets by which hosts come over HTTPS, as hashes. */
export class HostCredentials1763000000008 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE host_credential (
        tenant text NOT NULL,
        host text NOT NULL,
        secret_hash text NOT NULL,
        issued_at timestamptz NOT NULL,
        CONSTRAINT host_credential_pkey PRIMARY KEY (tenant, host)
      )
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE host_credential');
  }
}
