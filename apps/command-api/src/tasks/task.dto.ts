import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsString, Matches, Max, MaxLength, Min } from 'class-validator';
import type { OneShotKind } from '#lib/agent-protocol';
import { taskPhases, type HostId, type TaskPhase } from '#lib/events';
import { PageDto } from '../shared/http/page.dto.js';
import { taskKinds } from '../shared/views/task.view.js';

const variants = ['baseline', 'candidate'] as const;
/** TASKS keeps a message for seven days; a task that outlives it could get lost. */
const SIX_DAYS = 6 * 86_400;

/** Body of `POST /fleet/hosts/{id}/tasks`. */
export class RequestTaskDto {
  @ApiProperty({ enum: taskKinds })
  @IsIn(taskKinds)
  readonly kind!: OneShotKind;

  @ApiProperty({ enum: variants, description: 'Which collector of the host.' })
  @IsIn(variants)
  readonly variant!: (typeof variants)[number];

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
    type: 'integer',
    minimum: 5,
    maximum: SIX_DAYS,
    default: 300,
    description: 'The task expires when the host has not ended it by then.',
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
