import type { Bench } from '../harness/bench.js';
import { agentBench } from './agent.js';
import { analyzerBench } from './analyzer.js';
import { apiBench } from './api.js';
import { eventsBench } from './events.js';
import { feedBench } from './feed.js';
import { gatewayBench } from './gateway.js';
import { idleBench } from './idle.js';
import { interpreterBench } from './interpreter.js';
import { meteringBench } from './metering.js';
import { previewBench } from './preview.js';
import { projectorBench } from './projector.js';
import { renderBench } from './render.js';
import { validationBench } from './validation.js';

/** All benches, cheap ones first. Each starts and stops its own parts, so that none slows another. */
export const benches: readonly Bench[] = [
  meteringBench,
  interpreterBench,
  renderBench,
  previewBench,
  validationBench,
  eventsBench,
  projectorBench,
  analyzerBench,
  agentBench,
  idleBench,
  gatewayBench,
  apiBench,
  feedBench,
];
