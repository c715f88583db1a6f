import type { MigrationInterface, QueryRunner } from 'typeorm';

/** People, the audit trail and permissions to enrol. */
export class Identity1763000000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE app_user (
        id text NOT NULL,
        tenant text NOT NULL,
        email text NOT NULL,
        password_hash text NOT NULL,
        role text NOT NULL,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        disabled_at timestamptz,
        CONSTRAINT app_user_email_key UNIQUE (email),
        CONSTRAINT app_user_pkey PRIMARY KEY (id)
      )
    `);
    await runner.query(`
      CREATE TABLE audit_log (
        id bigserial NOT NULL,
        tenant text NOT NULL,
        at timestamptz NOT NULL,
        actor_kind text NOT NULL,
        actor_id text NOT NULL,
        action text NOT NULL,
        target text,
        outcome text NOT NULL,
        code text,
        command_id text,
        position bigint,
        detail jsonb NOT NULL,
        CONSTRAINT audit_log_pkey PRIMARY KEY (id)
      )
    `);
    await runner.query(`
      CREATE INDEX audit_log_tenant_id_idx ON audit_log (tenant, id)
    `);
    await runner.query(`
      CREATE TABLE enrolment_token (
        id text NOT NULL,
        tenant text NOT NULL,
        token_hash text NOT NULL,
        labels jsonb NOT NULL,
        site text,
        max_uses integer NOT NULL,
        expires_at timestamptz NOT NULL,
        created_at timestamptz NOT NULL,
        created_by text NOT NULL,
        revoked_at timestamptz,
        CONSTRAINT enrolment_token_token_hash_key UNIQUE (token_hash),
        CONSTRAINT enrolment_token_pkey PRIMARY KEY (id)
      )
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE enrolment_token, audit_log, app_user');
  }
}
