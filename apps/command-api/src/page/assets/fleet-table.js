import { h } from './dom.js';
import { timeText } from './format.js';

const tones = { online: 'good', offline: 'bad', enrolled: 'wait', revoked: 'rest' };

/** All hosts with what they run. */
export function fleetTable(fleet) {
  if (fleet.size === 0) {
    return h(
      'p',
      { class: 'empty' },
      'No host has joined yet. Create an enrolment token and start an agent with it.',
    );
  }
  const hosts = [...fleet.values()].sort((a, b) => a.id.localeCompare(b.id));
  return h(
    'div',
    { class: 'panel scroll', tabindex: '0', role: 'region', 'aria-labelledby': 'fleet-title' },
    h(
      'table',
      {},
      h('thead', {}, h('tr', {}, ...['Host', 'State', 'Runs', 'Labels', 'Last change'].map(heading))),
      h('tbody', {}, ...hosts.map(row)),
    ),
  );
}

const heading = (text) => h('th', { scope: 'col' }, text);

function row(host) {
  const runs = host.collectors.map(({ variant, configHash }) => `${variant} ${configHash.slice(0, 8)}`);
  const labels = Object.entries(host.labels).map(([key, value]) => `${key}=${value}`);
  return h(
    'tr',
    {},
    h(
      'td',
      {},
      h('strong', {}, host.hostname),
      host.hostname === host.id ? null : h('div', { class: 'soft' }, host.id),
    ),
    h(
      'td',
      {},
      h('span', { class: 'chip', 'data-tone': tones[host.status] }, host.status),
      problem(host.lastError),
    ),
    h('td', {}, runs.join(', ') || '–'),
    h('td', {}, labels.join(', ') || '–'),
    h('td', {}, timeText(host.updatedAt)),
  );
}

const problem = (text) => text && h('div', { class: 'soft' }, text);
