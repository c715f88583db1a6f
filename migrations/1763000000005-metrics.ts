import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Windows, gaps and blocks of the analyzer. */
export class Metrics1763000000005 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE metric_cursor (
        shard integer NOT NULL,
        seq bigint NOT NULL,
        updated_at timestamptz NOT NULL,
        CONSTRAINT metric_cursor_pkey PRIMARY KEY (shard)
      )
    `);
    await runner.query(`
      CREATE TABLE metric_window (
        tenant text NOT NULL,
        host text NOT NULL,
        start timestamptz NOT NULL,
        experiment_id text,
        payload bytea NOT NULL,
        epoch text NOT NULL,
        n bigint NOT NULL,
        received_at timestamptz NOT NULL,
        CONSTRAINT metric_window_pkey PRIMARY KEY (tenant, host, start)
      )
    `);
    await runner.query(`
      CREATE INDEX metric_window_tenant_experiment_id_start_idx ON metric_window (tenant, experiment_id, start)
    `);
    await runner.query(`
      CREATE TABLE metric_gap (
        tenant text NOT NULL,
        host text NOT NULL,
        epoch text NOT NULL,
        from_n bigint NOT NULL,
        to_n bigint NOT NULL,
        at timestamptz NOT NULL,
        reason text NOT NULL,
        CONSTRAINT metric_gap_pkey PRIMARY KEY (tenant, host, epoch, from_n)
      )
    `);
    await runner.query(`
      CREATE TABLE kpi_block (
        tenant text NOT NULL,
        experiment_id text NOT NULL,
        host text NOT NULL,
        start timestamptz NOT NULL,
        seconds integer NOT NULL,
        block jsonb NOT NULL,
        updated_at timestamptz NOT NULL,
        CONSTRAINT kpi_block_pkey PRIMARY KEY (tenant, experiment_id, host, start)
      )
    `);
    await runner.query(`
      CREATE TABLE kpi_change (
        id bigserial NOT NULL,
        tenant text NOT NULL,
        experiment_id text NOT NULL,
        at timestamptz NOT NULL,
        CONSTRAINT kpi_change_pkey PRIMARY KEY (id)
      )
    `);
    await runner.query(`
      CREATE INDEX kpi_change_tenant_experiment_id_id_idx ON kpi_change (tenant, experiment_id, id)
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE kpi_change, kpi_block, metric_gap, metric_window, metric_cursor');
  }
}
