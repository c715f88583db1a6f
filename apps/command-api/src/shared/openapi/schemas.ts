import { z } from 'zod';
import { figureSchema, verdictSchema } from '#lib/events';
import { renderedPipelineSchema } from '#lib/pipelines';
import { auditEntrySchema, auditPageSchema } from '../views/audit.view.js';
import { acceptedSchema, problemSchema } from '../views/common.view.js';
import {
  experimentPageSchema,
  experimentSchema,
  experimentSummarySchema,
  historySchema,
} from '../views/experiment.view.js';
import {
  enrolmentTokenEntrySchema,
  enrolmentTokenSchema,
  enrolmentTokensSchema,
  experimentHostsSchema,
  fleetStatusSchema,
  hostCollectorSchema,
  hostDetailSchema,
  hostPageSchema,
  hostSchema,
} from '../views/host.view.js';
import {
  generatedConfigSchema,
  pipelineDiffSchema,
  pipelineListSchema,
  pipelineSchema,
  pipelineUsageSchema,
  pipelineVersionSchema,
  pipelineVersionsSchema,
  templatesSchema,
  validationSchema,
} from '../views/pipeline.view.js';
import { hostDebugSchema } from '../views/host-debug.view.js';
import { pipelineExportSchema } from '../views/export.view.js';
import { breakdownSchema } from '../views/breakdown.view.js';
import { costAnalysisSchema, kpisSchema } from '../views/kpi.view.js';
import { resultsSchema } from '../views/results.view.js';
import { recordingListSchema, recordingSchema } from '#lib/platform';
import { previewSchema } from '../recordings/preview.view.js';
import { tariffsSchema } from '../views/tariff.view.js';
import { taskDetailSchema, taskPageSchema } from '../views/task.view.js';
import { loginAnswerSchema, userSchema } from '../views/user.view.js';

/** Every answer of the API by the name that it has in the reference. */
export const answers = {
  Accepted: acceptedSchema,
  AuditEntry: auditEntrySchema,
  AuditPage: auditPageSchema,
  Breakdown: breakdownSchema,
  CostAnalysis: costAnalysisSchema,
  EnrolmentToken: enrolmentTokenSchema,
  EnrolmentTokenEntry: enrolmentTokenEntrySchema,
  EnrolmentTokens: enrolmentTokensSchema,
  Experiment: experimentSchema,
  ExperimentHosts: experimentHostsSchema,
  ExperimentPage: experimentPageSchema,
  ExperimentSummary: experimentSummarySchema,
  Figure: figureSchema,
  FleetStatus: fleetStatusSchema,
  GeneratedConfig: generatedConfigSchema,
  History: historySchema,
  Host: hostSchema,
  HostCollector: hostCollectorSchema,
  HostDebug: hostDebugSchema,
  HostDetail: hostDetailSchema,
  HostPage: hostPageSchema,
  Kpis: kpisSchema,
  LoginAnswer: loginAnswerSchema,
  Pipeline: pipelineSchema,
  PipelineDiff: pipelineDiffSchema,
  PipelineExport: pipelineExportSchema,
  PipelineList: pipelineListSchema,
  PipelineUsage: pipelineUsageSchema,
  PipelineVersion: pipelineVersionSchema,
  PipelineVersions: pipelineVersionsSchema,
  Preview: previewSchema,
  Problem: problemSchema,
  Recording: recordingSchema,
  RecordingList: recordingListSchema,
  RenderedPipeline: renderedPipelineSchema,
  Results: resultsSchema,
  Tariffs: tariffsSchema,
  TaskDetail: taskDetailSchema,
  TaskPage: taskPageSchema,
  Templates: templatesSchema,
  User: userSchema,
  Validation: validationSchema,
  Verdict: verdictSchema,
} as const satisfies Record<string, z.ZodType>;
export type AnswerName = keyof typeof answers;

/** The JSON Schemas of all answers, referring to each other by name. OpenAPI 3.1 uses plain JSON Schema 2020-12. */
export function answerSchemas(): Record<string, object> {
  const registry = z.registry<{ readonly id: string }>();
  for (const [id, schema] of Object.entries(answers)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, {
    uri: (id) => `#/components/schemas/${id}`,
    // Branded ids are transforms; what they take is what they give.
    io: 'input',
  });
  return Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, withoutHeads(schema)]));
}

function withoutHeads({
  $schema: _schema,
  $id: _id,
  ...schema
}: {
  $schema?: unknown;
  $id?: unknown;
}): object {
  return schema;
}
