import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsBoolean, IsIn, IsOptional } from 'class-validator';
import { PageDto } from '../shared/http/page.dto.js';
import { experimentPhases, type ExperimentPhaseName, type ExperimentSort } from '#lib/database';

const columns = ['createdAt', 'updatedAt', 'name'] as const satisfies readonly ExperimentSort[];
const sorts = columns.flatMap((column) => [column, `-${column}` as const]);

/** Query of `GET /experiments`. */
export class ListExperimentsDto extends PageDto {
  @ApiPropertyOptional({
    enum: experimentPhases,
    isArray: true,
    description: 'Any of these, repeated or with commas.',
  })
  @IsOptional()
  @Transform(({ value }: { readonly value: unknown }) =>
    typeof value === 'string' ? value.split(',') : value,
  )
  @IsIn(experimentPhases, { each: true })
  readonly phase?: readonly ExperimentPhaseName[];

  @ApiPropertyOptional({ enum: sorts, default: '-createdAt', description: 'A minus sign sorts downwards.' })
  @IsOptional()
  @IsIn(sorts)
  readonly sort?: (typeof sorts)[number];

  @ApiPropertyOptional({ type: 'boolean', default: false, description: 'Also those that are archived.' })
  @IsOptional()
  @Transform(({ value }: { readonly value: unknown }) =>
    value === 'true' ? true : value === 'false' ? false : value,
  )
  @IsBoolean()
  readonly archived?: boolean;
}
