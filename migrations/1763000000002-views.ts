import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Read models of experiments, pipelines and hosts. */
export class Views1763000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE experiment_view (
        tenant text NOT NULL,
        id text NOT NULL,
        position bigint NOT NULL,
        phase text NOT NULL,
        name text NOT NULL,
        spec jsonb NOT NULL,
        hosts jsonb NOT NULL,
        baseline jsonb,
        candidate jsonb,
        verdict jsonb,
        created_at timestamptz NOT NULL,
        started_at timestamptz,
        warmup_at timestamptz,
        measurement_at timestamptz,
        paused_at timestamptz,
        concluded_at timestamptz,
        ended_at timestamptz,
        updated_at timestamptz NOT NULL,
        created_by text NOT NULL,
        reason text,
        archived boolean NOT NULL,
        CONSTRAINT experiment_view_pkey PRIMARY KEY (tenant, id)
      )
    `);
    await runner.query(`
      CREATE INDEX experiment_view_tenant_created_at_idx ON experiment_view (tenant, created_at)
    `);
    await runner.query(`
      CREATE INDEX experiment_view_tenant_phase_idx ON experiment_view (tenant, phase)
    `);
    await runner.query(`
      CREATE TABLE experiment_history (
        tenant text NOT NULL,
        experiment_id text NOT NULL,
        position bigint NOT NULL,
        ordinal integer NOT NULL,
        type text NOT NULL,
        at timestamptz NOT NULL,
        actor_kind text NOT NULL,
        actor_id text NOT NULL,
        command_id text NOT NULL,
        data jsonb NOT NULL,
        CONSTRAINT experiment_history_pkey PRIMARY KEY (tenant, experiment_id, position, ordinal)
      )
    `);
    await runner.query(`
      CREATE TABLE pipeline_view (
        tenant text NOT NULL,
        id text NOT NULL,
        position bigint NOT NULL,
        name text NOT NULL,
        description text NOT NULL,
        latest_version integer NOT NULL,
        deprecated boolean NOT NULL,
        deprecated_reason text,
        created_at timestamptz NOT NULL,
        created_by text NOT NULL,
        updated_at timestamptz NOT NULL,
        CONSTRAINT pipeline_view_pkey PRIMARY KEY (tenant, id)
      )
    `);
    await runner.query(`
      CREATE TABLE pipeline_version_view (
        tenant text NOT NULL,
        pipeline_id text NOT NULL,
        version integer NOT NULL,
        position bigint NOT NULL,
        template text NOT NULL,
        parameters jsonb NOT NULL,
        published_at timestamptz NOT NULL,
        published_by text NOT NULL,
        CONSTRAINT pipeline_version_view_pkey PRIMARY KEY (tenant, pipeline_id, version)
      )
    `);
    await runner.query(`
      CREATE TABLE host_view (
        tenant text NOT NULL,
        id text NOT NULL,
        position bigint NOT NULL,
        hostname text NOT NULL,
        labels jsonb NOT NULL,
        site text,
        status text NOT NULL,
        inventory jsonb NOT NULL,
        generation integer NOT NULL,
        collectors jsonb NOT NULL,
        last_error text,
        agent_version text,
        boot_id text,
        enrolled_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        CONSTRAINT host_view_pkey PRIMARY KEY (tenant, id)
      )
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'DROP TABLE host_view, pipeline_version_view, pipeline_view, experiment_history, experiment_view',
    );
  }
}
