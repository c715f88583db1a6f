import { h, show } from './dom.js';
import { countText } from './format.js';
import { schemaText } from './schema-text.js';

const at = (id) => document.getElementById(id);
const methods = ['get', 'post', 'patch', 'put', 'delete'];
let entries = [];

try {
  const answer = await fetch('/api/v1/openapi.json');
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  const description = await answer.json();
  entries = [...operations(description), ...schemas(description)];
  show(at('intro'), ...description.info.description.split('\n\n').map((text) => h('p', {}, ...prose(text))));
  draw();
  unfoldWanted();
} catch (error) {
  at('found').textContent = '';
  show(
    at('reference'),
    h('p', { class: 'empty', role: 'alert' }, `The description could not be read: ${error.message}.`),
  );
}
at('reference').setAttribute('aria-busy', 'false');
at('search').addEventListener('input', () => draw());
addEventListener('hashchange', unfoldWanted);

/** Opens what the address names, such as `#get-api-v1-tariffs`. */
function unfoldWanted() {
  const wanted = document.getElementById(location.hash.slice(1));
  if (wanted?.tagName !== 'DETAILS') return;
  wanted.open = true;
  wanted.scrollIntoView();
}

function draw() {
  const wanted = at('search').value.trim().toLowerCase();
  const found = entries.filter(({ text }) => text.includes(wanted));
  const count = found.filter(({ group }) => group !== 'schemas').length;
  at('found').textContent =
    `${countText(count, 'operation', 'operations')}, ${countText(found.length - count, 'schema', 'schemas')}`;
  const groups = [...new Set(found.map(({ group }) => group))];
  const sections = groups.map((group) =>
    h(
      'section',
      { 'aria-label': group },
      h('h2', {}, group),
      ...found.filter((entry) => entry.group === group).map(({ make }) => make()),
    ),
  );
  show(
    at('reference'),
    ...(sections.length > 0
      ? sections
      : [h('p', { class: 'empty' }, `Nothing is called “${at('search').value.trim()}”.`)]),
  );
}

function operations({ paths }) {
  return Object.entries(paths).flatMap(([path, item]) =>
    methods
      .filter((method) => item[method])
      .map((method) => ({
        group: item[method].tags?.[0] ?? 'operation',
        text: `${method} ${path} ${item[method].summary ?? ''}`.toLowerCase(),
        make: () => operation(method.toUpperCase(), path, item[method]),
      })),
  );
}

function schemas({ components }) {
  return Object.entries(components.schemas).map(([name, schema]) => ({
    group: 'schemas',
    text: name.toLowerCase(),
    make: () => details(`schema-${name}`, h('code', {}, name), h('pre', {}, schemaText(schema))),
  }));
}

function operation(method, path, { summary = '', parameters = [], requestBody, responses }) {
  const head = [
    h('span', { class: 'chip' }, method),
    h('code', {}, ` ${path} `),
    h('span', { class: 'soft' }, summary),
  ];
  const body = requestBody?.content?.['application/json']?.schema;
  return details(
    slug(`${method} ${path}`),
    h('span', {}, ...head),
    parameters.length > 0 && h('h3', {}, 'Parameters'),
    parameters.length > 0 && h('ul', {}, ...parameters.map(parameter)),
    body && h('h3', {}, 'Body'),
    body && h('pre', {}, schemaText(body)),
    h('h3', {}, 'Answers'),
    h('ul', {}, ...Object.entries(responses).map(response)),
  );
}

function parameter({ name, in: place, required, description = '', schema }) {
  return h(
    'li',
    {},
    h('code', {}, name),
    ` (${place}${required ? ', required' : ''}) `,
    schemaText(schema),
    ' ',
    ...prose(description),
  );
}

function response([status, { description = '', content = {} }]) {
  const [type] = Object.entries(content);
  return h(
    'li',
    {},
    h('code', {}, status),
    ` ${description} `,
    type && h('span', {}, `${type[0]}: ${schemaText(type[1].schema)}`),
  );
}

/** A name as an id: lower case, with single dashes for what is neither letter nor digit. */
function slug(text) {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}

/** Prose of the description, in which backticks mark code. */
function prose(text) {
  return text.split('`').map((part, index) => (index % 2 === 1 ? h('code', {}, part) : part));
}

function details(id, summary, ...content) {
  return h('details', { class: 'panel operation', id }, h('summary', {}, summary), ...content);
}
