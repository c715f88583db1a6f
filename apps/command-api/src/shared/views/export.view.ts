import { z } from 'zod';
import { exportFormats } from '#lib/pipelines';

const warning = z.strictObject({
  rule: z.string(),
  severity: z.string(),
  path: z.string(),
  message: z.string(),
  fix: z.string(),
});

/** Files that bring a pipeline to a cluster; equal requests give equal bytes. */
export const pipelineExportSchema = z.strictObject({
  format: z.enum(exportFormats),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  files: z.array(z.strictObject({ path: z.string(), content: z.string() })),
  warnings: z.array(warning),
});
export type PipelineExportView = z.infer<typeof pipelineExportSchema>;
