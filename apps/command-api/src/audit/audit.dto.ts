import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsISO8601, IsOptional, IsString, MaxLength } from 'class-validator';
import { PageDto } from '../shared/http/page.dto.js';

const outcomes = ['accepted', 'refused', 'failed'] as const;
const formats = ['json', 'jsonl', 'csv'] as const;

/** Query of `GET /audit`. */
export class AuditDto extends PageDto {
  @ApiPropertyOptional({ description: 'Only what this actor did.' })
  @IsOptional()
  @IsString()
  @MaxLength(200)
  readonly actor?: string;

  @ApiPropertyOptional({ description: 'Part of method and route.', example: '/rollback' })
  @IsOptional()
  @IsString()
  @MaxLength(200)
  readonly action?: string;

  @ApiPropertyOptional({ description: 'Only what was about this id.' })
  @IsOptional()
  @IsString()
  @MaxLength(64)
  readonly target?: string;

  @ApiPropertyOptional({ enum: outcomes })
  @IsOptional()
  @IsIn(outcomes)
  readonly outcome?: (typeof outcomes)[number];

  @ApiPropertyOptional({ format: 'date-time', description: 'At or after.' })
  @IsOptional()
  @IsISO8601({ strict: true })
  readonly from?: string;

  @ApiPropertyOptional({ format: 'date-time', description: 'Before.' })
  @IsOptional()
  @IsISO8601({ strict: true })
  readonly to?: string;

  @ApiPropertyOptional({
    enum: formats,
    default: 'json',
    description:
      'A page as JSON, or as JSON lines or CSV with the next cursor in the header `x-next-cursor`.',
  })
  @IsOptional()
  @IsIn(formats)
  readonly format?: (typeof formats)[number];
}
