import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Checkpoints, parked aggregates and the cursor of the feeds. */
export class Projections1763000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE projection_checkpoint (
        projection text NOT NULL,
        position bigint NOT NULL,
        epoch bigint NOT NULL,
        owner text,
        lease_until timestamptz,
        updated_at timestamptz NOT NULL,
        CONSTRAINT projection_checkpoint_pkey PRIMARY KEY (projection)
      )
    `);
    await runner.query(`
      CREATE TABLE parked_aggregate (
        projection text NOT NULL,
        subject text NOT NULL,
        position bigint NOT NULL,
        last_position bigint NOT NULL,
        commits integer NOT NULL,
        code text NOT NULL,
        detail text NOT NULL,
        parked_at timestamptz NOT NULL,
        CONSTRAINT parked_aggregate_pkey PRIMARY KEY (projection, subject)
      )
    `);
    await runner.query(`
      CREATE TABLE change_log (
        id bigserial NOT NULL,
        tenant text NOT NULL,
        view text NOT NULL,
        key text NOT NULL,
        position bigint NOT NULL,
        at timestamptz NOT NULL,
        CONSTRAINT change_log_pkey PRIMARY KEY (id)
      )
    `);
    await runner.query(`
      CREATE INDEX change_log_tenant_view_id_idx ON change_log (tenant, view, id)
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE change_log, parked_aggregate, projection_checkpoint');
  }
}
