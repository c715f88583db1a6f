import { applyDecorators } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsOptional, IsString, Length } from 'class-validator';

/** An optional property with the executables that must never vanish: up to 200 names. */
export function CriticalProcesses(description = 'Executables that must never vanish.'): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({ type: [String], example: ['nginx'], description }),
    IsOptional(),
    IsArray(),
    ArrayMaxSize(200),
    IsString({ each: true }),
    Length(1, 255, { each: true }),
  );
}
