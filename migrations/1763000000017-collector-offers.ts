import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What each host's collector offers. */
export class CollectorOffers1763000000017 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE host_view ADD COLUMN collector_offers jsonb');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE host_view DROP COLUMN collector_offers');
  }
}
