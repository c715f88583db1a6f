import { ApiExtraModels, ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import {
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { simulationProfiles, type OneShotKind, type SimulationProfile } from '#lib/agent-protocol';
import { taskPhases, type HostId, type TaskPhase } from '#lib/events';
import { PageDto } from '../shared/http/page.dto.js';
import {
  pipelineRefSchema,
  PipelineVersionRefDto,
  TemplateRefDto,
  toPipelineRef,
  type PipelineRefDto,
} from '../shared/http/pipeline-ref.dto.js';
import { taskKinds } from '../shared/views/task.view.js';
import { FitsItsKind } from './fits-its-kind.js';
import { CriticalProcesses } from '../shared/http/critical-processes.js';

const variants = ['baseline', 'candidate'] as const;
/** TASKS keeps a message for seven days; a task that outlives it could get lost. */
const SIX_DAYS = 6 * 86_400;

/** Body of `POST /fleet/hosts/{id}/tasks`. A field that only another kind of task has is refused. */
@ApiExtraModels(TemplateRefDto, PipelineVersionRefDto)
export class RequestTaskDto {
  @ApiProperty({ enum: taskKinds })
  @IsIn(taskKinds)
  @FitsItsKind()
  readonly kind!: OneShotKind;

  @ApiPropertyOptional({
    enum: variants,
    description: 'Of CollectLogs and RestartCollector, which need it: which collector of the host.',
  })
  @IsOptional()
  @IsIn(variants)
  readonly variant?: (typeof variants)[number];

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: 500,
    default: 100,
    description: 'Of CollectLogs: how many lines from the end.',
  })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(500)
  readonly lines?: number;
  @ApiPropertyOptional({
    ...pipelineRefSchema,
    description:
      'Of Preflight, which needs one of the two: the pipeline that pays the bill today. Of RecordMetrics: the pipeline whose source is recorded, before its processors; the template baseline when left out.',
  })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Transform(toPipelineRef)
  readonly baseline?: PipelineRefDto;

  @ApiPropertyOptional({
    ...pipelineRefSchema,
    description: 'Of Preflight, which needs one of the two: the pipeline that should replace it.',
  })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Transform(toPipelineRef)
  readonly candidate?: PipelineRefDto;

  @CriticalProcesses('Of Preflight: executables that must never vanish.')
  readonly criticalProcesses?: string[];

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 10,
    maximum: 3600,
    description:
      'Of Preflight: how long to measure, 300 at most, default 30. Of RecordMetrics: how long to record, 300 at most, default 60. Of Simulate, which needs it: how long the load lasts.',
  })
  @IsOptional()
  @IsInt()
  @Min(10)
  @Max(3600)
  readonly seconds?: number;

  @ApiPropertyOptional({
    enum: simulationProfiles,
    description: 'Of Simulate, which needs it: how the load behaves.',
  })
  @IsOptional()
  @IsIn(simulationProfiles)
  readonly profile?: SimulationProfile;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: 200,
    default: 20,
    description: 'Of Simulate: how many processes run at once.',
  })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(200)
  readonly processes?: number;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 5,
    maximum: SIX_DAYS,
    description:
      'The task expires when the host has not ended it by then. Default: 300, and what it takes by its `seconds`.',
  })
  @IsOptional()
  @IsInt()
  @Min(5)
  @Max(SIX_DAYS)
  readonly deadlineSeconds?: number;
}

/** Body of `POST /tasks/{id}/cancel`. */
export class CancelTaskDto {
  @ApiPropertyOptional({ maxLength: 500, example: 'Not needed any more' })
  @IsOptional()
  @IsString()
  @MaxLength(500)
  readonly reason?: string;
}

/** Query of `GET /tasks`. */
export class ListTasksDto extends PageDto {
  @ApiPropertyOptional({ description: 'Only tasks of this host.' })
  @IsOptional()
  @Matches(/^[a-z0-9][a-z0-9_-]{0,63}$/, { message: 'host must be a host id' })
  readonly host?: HostId;

  @ApiPropertyOptional({
    enum: taskPhases,
    isArray: true,
    description: 'Any of these, repeated or with commas.',
  })
  @IsOptional()
  @Transform(({ value }: { readonly value: unknown }) =>
    typeof value === 'string' ? value.split(',') : value,
  )
  @IsIn(taskPhases, { each: true })
  readonly phase?: readonly TaskPhase[];
}
