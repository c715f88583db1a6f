import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsString, MaxLength } from 'class-validator';
import { AtLeastDto } from '../../shared/http/page.dto.js';

/** Query of `GET /experiments/{id}`. */
export class GetExperimentDto extends AtLeastDto {
  @ApiPropertyOptional({
    example: '2026-01-31T12:00:00Z',
    description:
      'The experiment as it was: after the commit at this position, or at this ISO 8601 time. ' +
      '404 `experiment-not-yet-drafted` before it began, 400 `invalid-moment` for what has not come yet.',
  })
  @IsOptional()
  @IsString()
  @MaxLength(64)
  readonly at?: string;
}
