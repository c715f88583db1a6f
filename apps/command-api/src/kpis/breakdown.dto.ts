import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, Max, Min } from 'class-validator';
import { AtLeastDto } from '../shared/http/page.dto.js';
import { IsLabelKeyOf } from '../shared/http/validators.js';
import { breakdownKinds, type BreakdownKind } from '../shared/views/breakdown.view.js';

/** Rows when nothing is said. */
export const DEFAULT_ROWS = 20;

/** Query of `GET /experiments/{id}/metrics`. */
export class BreakdownDto extends AtLeastDto {
  @ApiProperty({ enum: breakdownKinds, description: '`host-group` needs a `label`.' })
  @IsIn(breakdownKinds)
  readonly by!: BreakdownKind;

  @ApiPropertyOptional({ description: 'The label key whose values are the host groups, such as `team`.' })
  @IsLabelKeyOf('by', 'host-group')
  readonly label?: string;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 100, default: DEFAULT_ROWS })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(100)
  readonly limit?: number;
}
