import type { MigrationInterface, QueryRunner } from 'typeorm';

/** One-shot tasks and their stages. */
export class Tasks1763000000006 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE task (
        tenant text NOT NULL,
        id text NOT NULL,
        host text NOT NULL,
        kind text NOT NULL,
        body jsonb NOT NULL,
        phase text NOT NULL,
        cancel text NOT NULL,
        detail text,
        requested_at timestamptz NOT NULL,
        requested_by jsonb NOT NULL,
        deadline timestamptz NOT NULL,
        ended_at timestamptz,
        sequence bigint NOT NULL,
        CONSTRAINT task_pkey PRIMARY KEY (tenant, id)
      )
    `);
    await runner.query('CREATE INDEX task_tenant_host_sequence_idx ON task (tenant, host, sequence)');
    await runner.query('CREATE INDEX task_phase_deadline_idx ON task (phase, deadline)');
    await runner.query(`
      CREATE TABLE task_stage (
        id bigserial NOT NULL,
        tenant text NOT NULL,
        task_id text NOT NULL,
        stage text NOT NULL,
        at timestamptz NOT NULL,
        detail text,
        CONSTRAINT task_stage_pkey PRIMARY KEY (id)
      )
    `);
    await runner.query('CREATE INDEX task_stage_tenant_task_id_idx ON task_stage (tenant, task_id)');
    await runner.query('CREATE INDEX task_stage_tenant_id_idx ON task_stage (tenant, id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE task_stage, task');
  }
}
