import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What finds out why a host does not do well: its link, its clock, its last hello, and when a failure was noticed. */
export class HostVitals1763000000009 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE host_presence
        ADD COLUMN sent_at timestamptz,
        ADD COLUMN generation integer,
        ADD COLUMN outbox_dropped bigint,
        ADD COLUMN outbox_failure text,
        ADD COLUMN door text,
        ADD COLUMN link_server text,
        ADD COLUMN link_rtt_ms double precision
    `);
    await runner.query(`
      CREATE TABLE host_hello (
        tenant text NOT NULL,
        host text NOT NULL,
        at timestamptz NOT NULL,
        boot_id text NOT NULL,
        epoch text NOT NULL,
        protocol integer NOT NULL,
        agent_version text NOT NULL,
        generation integer NOT NULL,
        CONSTRAINT host_hello_pkey PRIMARY KEY (tenant, host)
      )
    `);
    await runner.query('ALTER TABLE host_attempt ADD COLUMN detected_at timestamptz');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE host_attempt DROP COLUMN detected_at');
    await runner.query('DROP TABLE host_hello');
    await runner.query(`
      ALTER TABLE host_presence
        DROP COLUMN sent_at,
        DROP COLUMN generation,
        DROP COLUMN outbox_dropped,
        DROP COLUMN outbox_failure,
        DROP COLUMN door,
        DROP COLUMN link_server,
        DROP COLUMN link_rtt_ms
    `);
  }
}
