import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How several gateways share the hosts. */
export class GatewayLeases1763000000013 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE gateway_lease (
        name text NOT NULL,
        owner text,
        epoch bigint NOT NULL,
        lease_until timestamptz,
        CONSTRAINT gateway_lease_pkey PRIMARY KEY (name)
      )
    `);
    await runner.query(`
      CREATE TABLE gateway_member (
        owner text NOT NULL,
        seen_until timestamptz NOT NULL,
        CONSTRAINT gateway_member_pkey PRIMARY KEY (owner)
      )
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE gateway_member');
    await runner.query('DROP TABLE gateway_lease');
  }
}
