import type { AgentConfig } from '../agent.config.js';
import { readResourceAttributes, UNREADABLE_ATTRIBUTES } from '../machine/resource-attributes.js';
import type { Finding } from './finding.js';

/** What this host was given to say of itself. Names only: a value may be nobody's business. */
export function checkAttributes({ OTEL_RESOURCE_ATTRIBUTES: text }: AgentConfig): Promise<Finding> {
  const given = readResourceAttributes(text);
  if (given === undefined)
    return Promise.resolve({
      detail: UNREADABLE_ATTRIBUTES,
      fix: 'write it like team=shop,deployment.environment=prod, with %2C for a comma',
    });
  const names = Object.keys(given);
  return Promise.resolve({ detail: names.length === 0 ? 'none given' : names.join(', ') });
}
