import { dataTable } from './data-table.js';
import { h } from './dom.js';
import { whenText } from './format.js';

const tones = { online: 'good', suspect: 'wait', offline: 'bad', enrolled: 'wait', revoked: 'rest' };
const columns = ['Host', 'State', 'Runs', 'Labels', 'Last change'].map((text) => ({ text }));

/** All hosts with what they run; null while they are not known yet. */
export function fleetTable(fleet) {
  if (fleet === null) return [h('p', { class: 'soft' }, 'Loading hosts.')];
  if (fleet.size === 0) return [nobody()];
  const hosts = [...fleet.values()].sort((a, b) => a.id.localeCompare(b.id));
  return [h('div', { class: 'panel' }, dataTable('Hosts', columns, hosts.map(cells)))];
}

function nobody() {
  return h(
    'p',
    { class: 'empty' },
    'No host has joined yet. ',
    h('a', { href: '/docs#post-api-v1-fleet-enrolment-tokens' }, 'Make an enrolment token'),
    ' and start an agent with it.',
  );
}

function cells(host) {
  const runs = host.collectors.map(({ variant, configHash }) => `${variant} ${configHash.slice(0, 8)}`);
  const labels = Object.entries(host.labels).map(([key, value]) => `${key}=${value}`);
  return [
    [h('strong', {}, host.hostname), host.hostname === host.id ? null : h('div', { class: 'soft' }, host.id)],
    [
      h('span', { class: 'chip', 'data-tone': tones[host.status] }, host.status),
      host.lastError && h('div', { class: 'soft' }, host.lastError),
    ],
    runs.join(', ') || 'nothing',
    labels.join(', ') || 'none',
    whenText(host.updatedAt),
  ];
}
