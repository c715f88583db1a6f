import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import type { RollbackMode } from '#lib/events';

/** Why, for the history. */
export class ReasonDto {
  @ApiPropertyOptional({ maxLength: 500, example: 'Traffic peak, continue tonight' })
  @IsOptional()
  @IsString()
  @MaxLength(500)
  readonly reason?: string;
}

/** Body of `POST /experiments/{id}/promote`. */
export class PromoteExperimentDto extends ReasonDto {
  @ApiPropertyOptional({
    default: false,
    description:
      'Promote although the verdict does not recommend it, or before there is one. Stays on record.',
  })
  @IsOptional()
  @IsBoolean()
  readonly despiteVerdict?: boolean;
}

/** Body of pause, stop and rollback. */
export class StopCandidateDto extends ReasonDto {
  @ApiPropertyOptional({
    enum: ['graceful', 'instant'],
    default: 'graceful',
    description: 'Graceful drains the candidate before it stops; instant does not wait.',
  })
  @IsOptional()
  @IsIn(['graceful', 'instant'])
  readonly mode?: RollbackMode;
}
