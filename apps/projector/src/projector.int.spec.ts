import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect, consumerOpts, credsAuthenticator, type NatsConnection } from 'nats';
import { createDataSource, experimentHistory, experimentView, hostView, parkedAggregate, waitForPosition } from '#lib/database';
import {
  decodeCommit,
  encodeCommit,
  NO_POSITION,
  position,
  streams,
  subjects,
  type AggregateName,
  type CloudEvent,
  type Commit,
  type CommandId,
  type Position,
} from '#lib/events';
import {
  applyTopology,
  createApp,
  JetStreamEventStore,
  mintServiceCreds,
  systemClock,
  type Nats,
} from '#lib/platform';
import { connectTestNats, eventually } from '#lib/platform-testing';
import { startTestParts } from '#tools/embedded';
import golden from './shared/testing/golden.js';
