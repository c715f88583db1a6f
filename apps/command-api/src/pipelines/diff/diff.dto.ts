import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, Matches, Max, Min } from 'class-validator';
import { AtLeastDto } from '../../shared/http/page.dto.js';
import { ID_PATTERN, ID_RULE } from '../../shared/http/validators.js';

const MOST = 2_147_483_647;

/** Query of `GET /pipelines/{id}/diff`. */
export class DiffPipelineDto extends AtLeastDto {
  @ApiProperty({ type: 'integer', minimum: 1, example: 1 })
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(MOST)
  readonly from!: number;

  @ApiProperty({ type: 'integer', minimum: 1, example: 2 })
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(MOST)
  readonly to!: number;

  @ApiPropertyOptional({ description: 'Render both for this host; an example host when left out.' })
  @IsOptional()
  @Matches(ID_PATTERN, { message: `host: ${ID_RULE}` })
  readonly host?: string;
}
