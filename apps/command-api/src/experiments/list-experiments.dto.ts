import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsOptional,
  IsString,
  Length,
  Matches,
} from 'class-validator';
import { PageDto } from '../shared/http/page.dto.js';
import { ID_PATTERN, ID_RULE } from '../shared/http/validators.js';
import { experimentPhases, type ExperimentPhaseName, type ExperimentSort } from '#lib/database';

const columns = ['createdAt', 'updatedAt', 'name'] as const satisfies readonly ExperimentSort[];
const sorts = columns.flatMap((column) => [column, `-${column}` as const]);

const PRINTABLE = /^\P{Cc}*$/u;

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

  @ApiPropertyOptional({ maxLength: 120, description: 'Part of the name, in any case.' })
  @IsOptional()
  @IsString()
  @Length(1, 120)
  @Matches(PRINTABLE, { message: 'name holds control characters' })
  readonly name?: string;

  @ApiPropertyOptional({
    example: 'web-1',
    description: 'Takes part, or is named by the targets of a draft.',
  })
  @IsOptional()
  @Matches(ID_PATTERN, { message: `host: ${ID_RULE}` })
  readonly host?: string;

  @ApiPropertyOptional({
    type: [String],
    example: ['role=web'],
    description: 'Labels that the targets ask for, as key=value; all of them.',
  })
  @IsOptional()
  @Transform(({ value }: { readonly value: unknown }) => (typeof value === 'string' ? [value] : value))
  @IsArray()
  @ArrayMaxSize(16)
  @Matches(/^[^=\p{Cc}]{1,63}=\P{Cc}{0,255}$/u, { each: true, message: 'label must be key=value' })
  readonly label?: readonly string[];

  @ApiPropertyOptional({ example: 'topk', description: 'Template of the candidate.' })
  @IsOptional()
  @Matches(ID_PATTERN, { message: `template: ${ID_RULE}` })
  readonly template?: string;

  @ApiPropertyOptional({
    enum: sorts,
    default: '-createdAt',
    description:
      'A minus sign sorts downwards. By createdAt each comes once over all pages; by the others, what changes ' +
      'while pages are turned comes again at the end, so that nothing is missed.',
  })
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
