import { Controller, Get, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { AggregateId } from '#lib/events';
import { CurrentActor, type Principal } from '#lib/platform';
import { IdParam, QueryRoute } from '../shared/openapi/answers.js';
import { Id } from '../shared/http/id.js';
import { WaitsFor } from '../shared/http/waits-for.js';
import type { Results } from '../shared/views/results.view.js';
import { ResultRecords } from './result-records.js';
import { resultsCsv } from './results-csv.js';
import { ResultsDto } from './results.dto.js';
import { resultsMarkdown } from './results-markdown.js';

/** The record of an experiment, for programs, spreadsheets and people. */
@ApiTags('figures')
@IdParam('Experiment')
@Controller('experiments/:id/results')
@WaitsFor('experiments')
export class ResultsController {
  constructor(private readonly records: ResultRecords) {}

  @Get()
  @QueryRoute('Results')
  @ApiProduces('application/json', 'text/csv', 'text/markdown')
  @ApiOperation({
    summary: 'Description, course, verdict and figures of a concluded experiment; never changes.',
    description:
      '409 `experiment-not-concluded` while there is no conclusion. The formats hold the same figures.',
  })
  async results(
    @CurrentActor() { tenant }: Principal,
    @Id() id: AggregateId,
    @Query() { format = 'json' }: ResultsDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Results | string> {
    const results = await this.records.of(tenant, id);
    switch (format) {
      case 'json':
        return results;
      case 'csv':
        reply.type('text/csv; charset=utf-8');
        return resultsCsv(results);
      case 'md':
        reply.type('text/markdown; charset=utf-8');
        return resultsMarkdown(results);
    }
  }
}
