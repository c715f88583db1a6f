import type { Check } from '../check.js';
import { membersOf, type Component } from '../model/model.js';
import { problem } from '../problem.js';
import { itemsOf, textOf, valueAt } from '../read/tree.js';
import { isLoopback, readEndpoint } from './endpoints.js';
import { statementsOf } from '../ottl/texts.js';

/** Receivers that look at the machine they run on and do not say which one it is. */
const local = new Set(['hostmetrics', 'docker_stats', 'podman_stats']);
const identifying = new Set(['resourcedetection', 'k8sattributes', 'k8s_attributes']);
const identity = new Set(['host.id', 'host.name']);
const setsIdentity = /\bset\(\s*(?:resource\.)?attributes\["host\.(?:id|name)"\]/;

/** Metrics that leave a host say which host: something in the pipeline sets host.id or host.name. */
export const hostIdentity: Check = (model) =>
  model.pipelines
    .filter((pipeline) => pipeline.signal === 'metrics')
    .filter((pipeline) => membersOf(model, pipeline, 'receivers').some(({ type }) => local.has(type)))
    .filter((pipeline) => !membersOf(model, pipeline, 'processors').some(identifies))
    .filter((pipeline) => !membersOf(model, pipeline, 'exporters').every(staysOnHost))
    .map(({ place }) => {
      const message = 'Nothing in this pipeline sets host.id or host.name, so all hosts look like one.';
      return problem('host-identity-missing', place, message, 'Set host.name with a resource processor.');
    });

/** Whoever takes it on this host can still say which one it is. */
function staysOnHost({ value }: Component): boolean {
  const endpoints = ['endpoint', 'metrics_endpoint'].flatMap((key) => textOf(valueAt(value, key)) ?? []);
  return endpoints.length > 0 && endpoints.every((endpoint) => isLoopback(readEndpoint(endpoint).host));
}

function identifies(component: Component): boolean {
  if (identifying.has(component.type)) return true;
  if (component.type === 'resource') return setsByAction(component);
  return statementsOf(component).some(({ text }) => setsIdentity.test(text));
}

function setsByAction({ value }: Component): boolean {
  return itemsOf(valueAt(value, 'attributes')).some((item) => {
    const action = textOf(valueAt(item, 'action')) ?? '';
    return (
      identity.has(textOf(valueAt(item, 'key')) ?? '') && ['insert', 'upsert', 'update'].includes(action)
    );
  });
}
