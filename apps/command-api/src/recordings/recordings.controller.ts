import { Body, Controller, Delete, Get, HttpCode, Inject, Post } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { AggregateId } from '#lib/events';
import { CLOCK, CurrentActor, idFrom, type Clock, type Principal, type RecordingView } from '#lib/platform';
import { Context, type CommandContext } from '../shared/http/command-context.js';
import { Id } from '../shared/http/id.js';
import { Answers, IdParam, MayChange } from '../shared/openapi/answers.js';
import { fleetOf } from '../shared/recordings/fleet.dto.js';
import { PreviewWorkers } from '../shared/recordings/preview-workers.js';
import { RecordingStore } from '../shared/recordings/recording-store.js';
import { CreateRecordingDto } from './recording.dto.js';

const ONE_WEEK = 7 * 86_400;

/** What fleets were scraped of, kept for previews. */
@ApiTags('recordings')
@Controller('recordings')
export class RecordingsController {
  constructor(
    private readonly store: RecordingStore,
    private readonly workers: PreviewWorkers,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Post()
  @HttpCode(201)
  @MayChange()
  @ApiHeader({ name: 'Idempotency-Key', required: false, schema: { type: 'string', maxLength: 200 } })
  @Answers(201, 'Recording')
  @ApiOperation({ summary: 'Makes a fleet up from a seed and keeps what it would be scraped of.' })
  async create(
    @Body() { expiresInSeconds = ONE_WEEK, fleet }: CreateRecordingDto,
    @Context() { commandId, tenant }: CommandContext,
  ): Promise<RecordingView> {
    const parameters = fleetOf(fleet);
    const expiresAt = new Date(this.clock.now() + expiresInSeconds * 1000).toISOString();
    const recording = await this.workers.record(parameters, { tenant, createdAt: this.clock.iso() });
    return this.store.save(tenant, idFrom('rec', commandId), recording, expiresAt);
  }

  @Get()
  @Answers(200, 'RecordingList')
  @ApiOperation({ summary: 'The recordings of the tenant, newest first.' })
  async list(@CurrentActor() { tenant }: Principal): Promise<{ readonly items: readonly RecordingView[] }> {
    return { items: await this.store.list(tenant) };
  }

  @Get(':id')
  @IdParam('Recording')
  @Answers(200, 'Recording')
  @ApiOperation({ summary: 'One recording.' })
  show(@CurrentActor() { tenant }: Principal, @Id() id: AggregateId): Promise<RecordingView> {
    return this.store.show(tenant, id);
  }

  @Delete(':id')
  @MayChange()
  @IdParam('Recording')
  @Answers(200, 'Recording')
  @ApiOperation({ summary: 'Deletes a recording.' })
  remove(@CurrentActor() { tenant }: Principal, @Id() id: AggregateId): Promise<RecordingView> {
    return this.store.remove(tenant, id);
  }
}
