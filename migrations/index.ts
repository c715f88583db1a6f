import { Projections1763000000001 } from './1763000000001-projections.js';
import { Views1763000000002 } from './1763000000002-views.js';
import { Identity1763000000003 } from './1763000000003-identity.js';
import { Gateway1763000000004 } from './1763000000004-gateway.js';
import { Metrics1763000000005 } from './1763000000005-metrics.js';
import { Tasks1763000000006 } from './1763000000006-tasks.js';
import { ExperimentRecords1763000000007 } from './1763000000007-experiment-records.js';
import { HostCredentials1763000000008 } from './1763000000008-host-credentials.js';
import { HostVitals1763000000009 } from './1763000000009-host-vitals.js';
import { HostRotation1763000000010 } from './1763000000010-host-rotation.js';
import { GatewayLeases1763000000013 } from './1763000000013-gateway-leases.js';
import { TaskIndices1763000000014 } from './1763000000014-task-indices.js';
import { PipelineContent1763000000015 } from './1763000000015-pipeline-content.js';
import { CollectorOffers1763000000017 } from './1763000000017-collector-offers.js';
import { RecordingParts1763000000019 } from './1763000000019-recording-parts.js';
import { HostIngress1763000000020 } from './1763000000020-host-ingress.js';

/** All migrations, oldest first. A released one is never edited: expand with a new one, contract with a later one. */
export const migrations = [
  Projections1763000000001,
  Views1763000000002,
  Identity1763000000003,
  Gateway1763000000004,
  Metrics1763000000005,
  Tasks1763000000006,
  ExperimentRecords1763000000007,
  HostCredentials1763000000008,
  HostVitals1763000000009,
  HostRotation1763000000010,
  GatewayLeases1763000000013,
  TaskIndices1763000000014,
  PipelineContent1763000000015,
  CollectorOffers1763000000017,
  RecordingParts1763000000019,
  HostIngress1763000000020,
] as const;
