// The order in which jest runs test files: those that are known to take long first.
import Sequencer from '@jest/test-sequencer';

/**
 * Files that take half a minute and more, the longest first. Most of that they wait: for windows of ten seconds, for
 * guardrails, for what returns after a kill. One that starts last would keep all others waiting for it.
 */
const long = [
  'apps/agent-gateway/src/rotation/rotation.int.spec.ts',
  'apps/agent/src/ingress/missed.int.spec.ts',
  'apps/agent-gateway/src/http-door/silent-hub.int.spec.ts',
  'apps/agent/src/preflight/preflight.int.spec.ts',
  'apps/agent/src/run/dead-man.int.spec.ts',
  'apps/agent/src/run/prometheus.int.spec.ts',
  'apps/agent/src/reconcile/held.int.spec.ts',
  'apps/agent-gateway/src/hostile/flood.int.spec.ts',
  'apps/agent/src/ingress/ingress.int.spec.ts',
  'apps/agent/src/run/faults.int.spec.ts',
  'apps/agent/src/run/site-leaf.int.spec.ts',
  'apps/agent-gateway/src/rotation/rotation-away.int.spec.ts',
  'apps/agent/src/run/supervision.int.spec.ts',
  'apps/agent-gateway/src/http-door/doors-in-turn.int.spec.ts',
  'apps/agent/src/run/run-agent.int.spec.ts',
  'apps/agent/src/simulation/simulation.int.spec.ts',
  'apps/agent/src/run/without-collector.int.spec.ts',
  'apps/agent-gateway/src/http-door/http-alone.int.spec.ts',
  'apps/agent/src/capture/record-metrics.int.spec.ts',
  'apps/agent/src/ingress/grpc-ingress.int.spec.ts',
  'apps/agent-gateway/src/orders/limits.int.spec.ts',
  'libs/pipelines/src/render/hostmetrics.int.spec.ts',
  'tools/demo/src/faults.e2e.spec.ts',
  'tools/demo/src/cli.e2e.spec.ts',
  'tools/demo/src/imported.e2e.spec.ts',
  'tools/campaign/src/link/link.e2e.spec.ts',
];

/** Jest by itself goes by what it measured before, and on a fresh checkout, where it has measured nothing, by size. */
export default class LongFirst extends Sequencer {
  sort(tests) {
    return super.sort(tests).toSorted((one, other) => rank(one) - rank(other));
  }
}

function rank({ path }) {
  const place = long.findIndex((name) => path.endsWith(name));
  return place === -1 ? long.length : place;
}
