import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Presence, orders and uplinks of hosts. */
export class Gateway1763000000004 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE enrolment_use (
        token_id text NOT NULL,
        host text NOT NULL,
        tenant text NOT NULL,
        hostname text NOT NULL,
        at timestamptz NOT NULL,
        CONSTRAINT enrolment_use_pkey PRIMARY KEY (token_id, host)
      )
    `);
    await runner.query(`
      CREATE TABLE uplink_cursor (
        tenant text NOT NULL,
        host text NOT NULL,
        lane text NOT NULL,
        epoch text NOT NULL,
        n bigint NOT NULL,
        updated_at timestamptz NOT NULL,
        CONSTRAINT uplink_cursor_pkey PRIMARY KEY (tenant, host, lane, epoch)
      )
    `);
    await runner.query(`
      CREATE TABLE uplink_position (
        reader text NOT NULL,
        sequence bigint NOT NULL,
        updated_at timestamptz NOT NULL,
        CONSTRAINT uplink_position_pkey PRIMARY KEY (reader)
      )
    `);
    await runner.query(`
      CREATE TABLE outbox_gap (
        tenant text NOT NULL,
        host text NOT NULL,
        epoch text NOT NULL,
        from_n bigint NOT NULL,
        to_n bigint NOT NULL,
        at timestamptz NOT NULL,
        CONSTRAINT outbox_gap_pkey PRIMARY KEY (tenant, host, epoch, from_n)
      )
    `);
    await runner.query(`
      CREATE TABLE host_attempt (
        tenant text NOT NULL,
        host text NOT NULL,
        generation integer NOT NULL,
        task_id text NOT NULL,
        stage text NOT NULL,
        at timestamptz NOT NULL,
        reason text,
        collectors jsonb NOT NULL,
        experiment_id text,
        CONSTRAINT host_attempt_pkey PRIMARY KEY (tenant, host, generation, task_id, stage, at)
      )
    `);
    await runner.query(`
      CREATE INDEX host_attempt_tenant_experiment_id_idx ON host_attempt (tenant, experiment_id)
    `);
    await runner.query(`
      CREATE TABLE generated_config (
        tenant text NOT NULL,
        hash text NOT NULL,
        rendered json NOT NULL,
        created_at timestamptz NOT NULL,
        CONSTRAINT generated_config_pkey PRIMARY KEY (tenant, hash)
      )
    `);
    await runner.query(`
      CREATE TABLE host_presence (
        tenant text NOT NULL,
        host text NOT NULL,
        boot_id text NOT NULL,
        last_heartbeat_at timestamptz NOT NULL,
        agent_cpu_percent double precision NOT NULL,
        agent_rss_bytes bigint NOT NULL,
        outbox_results integer NOT NULL,
        outbox_metrics integer NOT NULL,
        collectors jsonb NOT NULL,
        CONSTRAINT host_presence_pkey PRIMARY KEY (tenant, host)
      )
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'DROP TABLE host_presence, generated_config, host_attempt, outbox_gap, uplink_position, uplink_cursor, enrolment_use',
    );
  }
}
