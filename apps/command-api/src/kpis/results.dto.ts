import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { AtLeastDto } from '../shared/http/page.dto.js';

const formats = ['json', 'csv', 'md'] as const;

/** Query of `GET /experiments/{id}/results`. */
export class ResultsDto extends AtLeastDto {
  @ApiPropertyOptional({ enum: formats, default: 'json' })
  @IsOptional()
  @IsIn(formats)
  readonly format?: (typeof formats)[number];
}
