import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Matches, Max, MaxLength, Min } from 'class-validator';

/** Query of everything that can wait for a position. */
export class AtLeastDto {
  // Documented by `QueryRoute`, read by the interceptor that waits.
  @IsOptional()
  @Matches(/^\d{1,15}$/, { message: 'atLeast must be a position, such as 41' })
  readonly atLeast?: string;
}

/** Query of a list that comes in pages. */
export class PageDto extends AtLeastDto {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 200, default: 50 })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(200)
  readonly limit?: number;

  @ApiPropertyOptional({
    description:
      'The `next` of the page before, for the same list and order; 400 `invalid-cursor` otherwise.',
  })
  @IsOptional()
  @IsString()
  @MaxLength(2000)
  readonly cursor?: string;
}

/** Rows of a page when nothing is said. */
export const DEFAULT_LIMIT = 50;
