import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, IsNumber, IsOptional, Max, Min } from 'class-validator';
import { fleetParametersSchema, type FleetParameters } from '#lib/pipelines';
import { refusal } from '../http/edge-error.js';

/** A made-up fleet; what is left out has its default. */
export class FleetDto {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 200, default: 1 })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(200)
  readonly hosts?: number;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 5000, default: 100 })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(5000)
  readonly processes?: number;

  @ApiPropertyOptional({ type: 'integer', minimum: 0, maximum: 4294967295, default: 1 })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(4_294_967_295)
  readonly seed?: number;

  @ApiPropertyOptional({ type: 'integer', minimum: 10, maximum: 3600, default: 60 })
  @IsOptional()
  @IsInt()
  @Min(10)
  @Max(3600)
  readonly seconds?: number;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 60, default: 10 })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(60)
  readonly intervalSeconds?: number;

  @ApiPropertyOptional({
    ...{ minimum: 0, maximum: 20, default: 1 },
    description: 'How much faster than usual processes come and go; 0 keeps all.',
  })
  @IsOptional()
  @IsNumber()
  @Min(0)
  @Max(20)
  readonly churn?: number;
}

/** The parameters with all defaults. @throws ProblemError `fleet-too-large` */
export function fleetOf(dto: FleetDto | undefined): FleetParameters {
  const given = Object.fromEntries(Object.entries(dto ?? {}).filter(([, value]) => value !== undefined));
  const parsed = fleetParametersSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  const detail = parsed.error.issues.map(({ message }) => message).join('; ');
  throw refusal(
    'fleet-too-large',
    detail,
    'Ask for fewer hosts, processes or seconds, or for a longer interval.',
  );
}
