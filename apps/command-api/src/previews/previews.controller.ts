import { Body, Controller, Headers, HttpCode, Post, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CurrentActor, type Principal } from '#lib/platform';
import { Answers } from '../shared/openapi/answers.js';
import { PreviewDto, PreviewFormatDto } from './preview.dto.js';
import { PreviewService, type PreviewResult } from './preview-service.js';

/** What pipelines would make of recorded or made-up data, without any host. */
@ApiTags('pipelines')
@Controller('pipelines/preview')
export class PreviewsController {
  constructor(private readonly previews: PreviewService) {}

  @Post()
  @HttpCode(200)
  @Answers(200, 'Preview')
  @ApiProduces('application/json', 'text/markdown')
  @ApiOperation({
    summary: 'What a candidate would lose against a baseline, by name. Stores nothing and orders nothing.',
    description:
      'Plays a stored recording or a made-up fleet. The card alone with `?format=md` or `Accept: text/markdown`.',
  })
  async preview(
    @Body() body: PreviewDto,
    @Query() { format }: PreviewFormatDto,
    @Headers('accept') accept: string | undefined,
    @CurrentActor() { tenant }: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PreviewResult | string> {
    const result = await this.previews.preview(body, tenant, goneAway(reply));
    const asCard = format === 'md' || (format === undefined && accept?.startsWith('text/markdown') === true);
    if (!asCard) return result;
    reply.type('text/markdown; charset=utf-8');
    return result.card;
  }
}

/** Aborted when the connection closes before it is answered: then nobody wants the preview any more. */
function goneAway({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController();
  raw.once('close', () => {
    if (!raw.writableFinished) gone.abort();
  });
  return gone.signal;
}
