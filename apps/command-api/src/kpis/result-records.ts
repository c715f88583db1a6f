import { Inject, Injectable } from '@nestjs/common';
import {
  DATA_SOURCE,
  experimentResult,
  inTransaction,
  kpiBlocks,
  upsert,
  type KpiBlock,
} from '#lib/database';
import { parsePosition, type AggregateId, type Position, type TenantId, type Verdict } from '#lib/events';
import { CLOCK, type Clock } from '#lib/platform';
import { refusal } from '../shared/http/edge-error.js';
import { countedBlocks } from '../shared/views/blocks.js';
import type { Database } from '../shared/views/database.js';
import { ExperimentLog } from '../shared/views/experiment-log.js';
import { kpisFrom } from '../shared/views/kpis.reader.js';
import type { Results } from '../shared/views/results.view.js';

/**
 * The result of an experiment, one document for ever. It holds the experiment as of its conclusion and the figures of
 * the evidence that the verdict rests on. It is kept as it was first told, so that new prices or formulas change
 * nothing in it either.
 */
@Injectable()
export class ResultRecords {
  constructor(
    @Inject(DATA_SOURCE) private readonly db: Database,
    private readonly log: ExperimentLog,
    @Inject(CLOCK) private readonly clock: Pick<Clock, 'iso'>,
  ) {}

  /** @throws DomainError `experiment-not-found`, ProblemError `experiment-not-concluded` */
  async of(tenant: TenantId, id: AggregateId): Promise<Results> {
    const kept = await this.kept(tenant, id);
    if (kept !== undefined) return kept;
    const document = await this.make(tenant, id);
    const position = parsePosition(document.experiment.position) as Position;
    const row = { tenant, experimentId: id, position, document, recordedAt: this.clock.iso() };
    await inTransaction(this.db, (sql) => upsert(sql, experimentResult, [row], { existing: 'keep' }));
    // Another replica may have been faster; its document is the one then.
    return (await this.kept(tenant, id)) ?? document;
  }

  private async kept(tenant: TenantId, experimentId: AggregateId): Promise<Results | undefined> {
    const row = await this.db.getRepository(experimentResult).findOneBy({ tenant, experimentId });
    // This app alone writes the column, from `Results`.
    return row === null ? undefined : (row.document as Results);
  }

  private async make(tenant: TenantId, id: AggregateId): Promise<Results> {
    const experiment = await this.log.atConclusion(tenant, id);
    const verdict = experiment?.verdict;
    if (experiment === undefined || verdict === null || verdict === undefined)
      throw refusal(
        'experiment-not-concluded',
        'There is no result before the conclusion, nor without one.',
        'See GET /experiments/{id}/kpis for the figures so far.',
      );
    const rows = evidenceOf(verdict, await kpiBlocks(this.db, tenant, id));
    const kpis = kpisFrom(id, experiment.spec, countedBlocks(rows, experiment.measurementAt));
    return { experiment: { ...experiment, verdict }, kpis };
  }
}

/** The blocks that were over at the watermark of the verdict. */
function evidenceOf({ evidence }: Verdict, rows: readonly KpiBlock[]): readonly KpiBlock[] {
  const watermark = Date.parse(evidence.watermark);
  return rows.filter(({ start, seconds }) => Date.parse(start) + seconds * 1000 <= watermark);
}
