import { Controller, Get, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { AggregateId, Verdict } from '#lib/events';
import { CurrentActor, type Principal } from '#lib/platform';
import { IdParam, QueryRoute } from '../shared/openapi/answers.js';
import { Id } from '../shared/http/id.js';
import { AtLeastDto } from '../shared/http/page.dto.js';
import { WaitsFor } from '../shared/http/waits-for.js';
import type { Breakdown } from '../shared/views/breakdown.view.js';
import type { CostAnalysis, Kpis } from '../shared/views/kpi.view.js';
import { BreakdownDto } from './breakdown.dto.js';
import { FigureQueries } from './figure-queries.js';

/** The figures of an experiment and what follows from them. */
@ApiTags('figures')
@IdParam('Experiment')
@Controller('experiments/:id')
@WaitsFor('experiments')
export class KpisController {
  constructor(private readonly figures: FigureQueries) {}

  @Get('kpis')
  @QueryRoute('Kpis')
  @ApiOperation({ summary: 'Series, points, coverage, collector cost and price of both variants.' })
  kpis(
    @CurrentActor() { tenant }: Principal,
    @Id() id: AggregateId,
    @Query() _query: AtLeastDto,
  ): Promise<Kpis> {
    return this.figures.kpis(tenant, id);
  }

  @Get('metrics')
  @QueryRoute('Breakdown')
  @ApiOperation({
    summary:
      'Series and points of both variants by metric, executable, attribute, service, namespace or host group.',
  })
  breakdown(
    @CurrentActor() { tenant }: Principal,
    @Id() id: AggregateId,
    @Query() query: BreakdownDto,
  ): Promise<Breakdown> {
    return this.figures.breakdown(tenant, id, query);
  }

  @Get('verdict')
  @QueryRoute('Verdict')
  @ApiOperation({ summary: 'The verdict with its reason, checks and evidence.' })
  verdict(
    @CurrentActor() { tenant }: Principal,
    @Id() id: AggregateId,
    @Query() _query: AtLeastDto,
  ): Promise<Verdict> {
    return this.figures.verdict(tenant, id);
  }

  @Get('cost-analysis')
  @QueryRoute('CostAnalysis')
  @ApiOperation({ summary: 'Price of a month under every tariff, measured, and projected to the fleet.' })
  cost(
    @CurrentActor() { tenant }: Principal,
    @Id() id: AggregateId,
    @Query() _query: AtLeastDto,
  ): Promise<CostAnalysis> {
    return this.figures.cost(tenant, id);
  }
}
