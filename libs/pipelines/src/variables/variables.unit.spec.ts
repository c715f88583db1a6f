import fc from 'fast-check';
import { parse } from 'yaml';
import {
  PipelineError,
  renderStored,
  renderYaml,
  specFindings,
  yamlVariableFindings,
  type StoredContent,
} from '../index.js';
import { evaluate } from './evaluate.js';
import { VariableError } from './grammar.js';
import { parseText } from './parse.js';

const host = { id: 'web-1', labels: { role: ' Web ', 'kubernetes.io/os': 'linux', empty: '' } };
const of = (text: string): string => evaluate(parseText(text), { host });
const ruleOf = (text: string): string => {
  try {
    return `gave ${of(text)}`;
  } catch (error) {
    if (error instanceof VariableError) return error.rule;
    throw error;
  }
};

describe('a text with host variables', () => {
  it.each([
    ['nothing to do, not even with } or { alone', 'nothing to do, not even with } or { alone'],
    ['{{ .host.id }}', 'web-1'],
    ['a-{{.host.id}}-b-{{ .host.id | upper }}', 'a-web-1-b-WEB-1'],
    ['{{ .host.labels.role | trim | lower }}', 'web'],
    ['{{ .host.labels.missing | default "none" | upper }}', 'NONE'],
    ['{{ .host.labels.empty | default "none" }}', 'none'],
    ['{{ default "none" .host.labels.missing }}', 'none'],
    ['{{ .host.labels.empty }}', ''],
    ['{{ index .host.labels "kubernetes.io/os" }}', 'linux'],
    ['{{ replace "-" "_" .host.id }}', 'web_1'],
    ['{{ .host.id | replace "b" "$&" }}', 'we$&-1'],
    ['{{ trunc 3 .host.id }}|{{ .host.id | trunc -1 }}', 'web|1'],
    ['{{ trunc 1 "🌍!" }}', '🌍'],
    ['{{ .host.id | quote }}', '"web-1"'],
    ['{{ .host.id | required "give it an id" }}', 'web-1'],
    ['{{ "{{" }} .host.id {{ `}}` }}', '{{ .host.id }}'],
    ['{{ "a \\"b\\" \\\\ c" }}', 'a "b" \\ c'],
  ])('%s is %s', (text, expected) => {
    expect(of(text)).toBe(expected);
  });

  it.each([
    ['{{ .host.name }}', 'unknown-variable'],
    ['{{ .env.HOME }}', 'unknown-variable'],
    ['{{ .host.labels }}', 'unknown-variable'],
    ['{{ .host.labels.a.b }}', 'unknown-variable'],
    ['{{ .host.id | env }}', 'unknown-function'],
    ['{{ constructor .host.id }}', 'unknown-function'],
    ['{{ .host.id | default }}', 'function-arguments'],
    ['{{ .host.id | lower "x" }}', 'function-arguments'],
    ['{{ .host.id | trunc "x" }}', 'function-arguments'],
    ['{{ .host.id | replace "" "x" }}', 'function-arguments'],
    ['{{ index .host.labels }}', 'function-arguments'],
    ['{{ .host.labels.missing }}', 'missing-label'],
    ['{{ .host.labels.missing | lower }}', 'missing-label'],
    ['{{ .host.labels.constructor }}', 'missing-label'],
    ['{{ .host.labels.empty | required "name its role" }}', 'missing-label'],
    ['{{ .host.id', 'variable-syntax'],
    ['{{ }}', 'variable-syntax'],
    ['{{ .host.id | }}', 'variable-syntax'],
    ['{{ .host.id .host.id }}', 'variable-syntax'],
    ['{{ "open }}', 'variable-syntax'],
    ['{{ range .host.labels }}', 'unknown-function'],
    ['{{ lower lower }}', 'variable-syntax'],
  ])('%s is refused: %s', (text, rule) => {
    expect(ruleOf(text)).toBe(rule);
  });

  it('stays short', () => {
    const long = (length: number): string => `{{ "${'x'.repeat(length)}"`;
    expect(ruleOf(`${long(2000)} | lower }}`)).toBe('text-too-long');
    expect(ruleOf(`${long(1000)} | replace "x" "yy" }}`)).toBe('text-too-long');
    expect(ruleOf('{{ .host.id }}'.repeat(500))).toBe('text-too-long');
  });

  it('never fails in another way, and takes time in proportion to the text', () => {
    const piece = fc.constantFrom(
      '{{',
      '}}',
      '"',
      '`',
      '|',
      ' ',
      '.host.id',
      'lower',
      '\\',
      '-1',
      '$',
      'é',
      '\n',
    );
    fc.assert(fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => void ruleOf(pieces.join(''))));
    const started = performance.now();
    for (const hostile of ['{{"', '{{`', '{{ .host.id |', '{{{{', '{{ "\\'])
      ruleOf(hostile.repeat(50_000 / hostile.length));
    // Quadratic would be minutes.
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

const yaml = `# {{ not a variable }} in a comment
receivers:
  hostmetrics: # every {{ interval }}
    collection_interval: 10s
    scrapers: {load: {}}
processors:
  resource:
    attributes:
      - {key: role, value: "{{ .host.labels.role | trim }}", action: upsert}
      - key: os
        value: host {{ .host.id }} of {{ index .host.labels "kubernetes.io/os" }}
        action: upsert
      - key: note
        value: |
          two lines of {{ .host.id }}
          and a \${env:NAME}
        action: upsert
exporters:
  otlphttp: {endpoint: 'https://{{ .host.id }}.example.com'}
service:
  pipelines:
    metrics: {receivers: [hostmetrics], processors: [resource], exporters: [otlphttp]}
`;
type Config = {
  readonly processors: { readonly resource: { readonly attributes: readonly Record<string, string>[] } };
  readonly exporters: { readonly otlphttp: { readonly endpoint: string } };
};

describe('a configuration with host variables', () => {
  it('is the same text but for the values that have some, on the same lines', () => {
    const rendered = renderYaml(yaml, host);
    const config = parse(rendered) as Config;
    expect(config.processors.resource.attributes.map(({ value }) => value)).toEqual([
      'Web',
      'host web-1 of linux',
      'two lines of web-1\nand a ${env:NAME}\n',
    ]);
    expect(config.exporters.otlphttp.endpoint).toBe('https://web-1.example.com');
    expect(rendered.split('\n').length).toBe(yaml.split('\n').length);
    const same = (line: string): boolean => !/value: |and a|endpoint|two lines/.test(line);
    expect(
      rendered
        .split('\n')
        .filter(same)
        .filter((line) => line !== ''),
    ).toEqual(
      yaml
        .split('\n')
        .filter(same)
        .filter((line) => line !== ''),
    );
  });

  it('is the very text where it has none', () => {
    const plain = 'a: "b"\nc: &x [1, 2]   # {\n';
    expect(renderYaml(plain, host)).toBe(plain);
  });

  it('keeps whatever a label says one plain text', () => {
    const nasty = fc.constantFrom(
      '"',
      "'",
      '$',
      '{',
      '}',
      '${env:HOME}',
      '\n',
      ': ',
      '# ',
      '- ',
      '{{',
      '\u2028',
      '\\',
      'a',
    );
    const value = fc.array(fc.oneof(nasty, fc.string({ unit: 'grapheme' })), { maxLength: 12 });
    const places = [
      (text: string) => `a: "${text}"\nb: 1\n`,
      (text: string) => `a: '${text}'\nb: 1\n`,
      (text: string) => `a: x${text}\nb: 1\n`,
      (text: string) => `a: [ "${text}", 2 ]\nb: 1\n`,
      (text: string) => `a: >-\n  x ${text}\n\nb: 1\n`,
      (text: string) => `a: &n "${text}"\nb: *n\n`,
    ];
    fc.assert(
      fc.property(value, fc.constantFrom(...places), (pieces, place) => {
        const label = pieces.join('').slice(0, 500);
        const text = renderYaml(place('{{ .host.labels.v }}'), { id: 'h', labels: { v: label } });
        // What the collector makes of a doubled $.
        const expected = parse(place('LABEL')) as { readonly a: unknown; readonly b: unknown };
        const put = (one: unknown): unknown =>
          Array.isArray(one)
            ? one.map(put)
            : typeof one === 'string'
              ? one.replace('LABEL', () => label.replaceAll('$', '$$$$'))
              : one;
        expect(parse(text)).toEqual({ a: put(expected.a), b: put(expected.b) });
      }),
    );
  });

  it.each([
    ['a: "${env:{{ .host.id }}}"', 'variable-in-reference', 'a'],
    ['a: "${{ .host.id }}"', 'variable-in-reference', 'a'],
    ['a: "x$$${{ .host.id }}"', 'variable-in-reference', 'a'],
    ['a: {{ .host.id }}', 'variable-syntax', 'a'],
    ['a: {b: ["x", "{{ .host.id | nope }}"]}', 'unknown-function', 'a.b.1'],
  ])('%s: %s', (text, rule, path) => {
    expect(yamlVariableFindings(`${text}\n`)).toMatchObject([{ rule, path, severity: 'error' }]);
  });

  it('may have a plain $ or a whole reference before a value', () => {
    const text = 'a: "$$ ${env:X} {{ .host.id }} $${env:Y} {{ .host.id }}"\n';
    expect(yamlVariableFindings(text)).toEqual([]);
    expect(parse(renderYaml(text, host))).toEqual({ a: '$$ ${env:X} web-1 $${env:Y} web-1' });
  });

  it('never reads a key', () => {
    expect(parse(renderYaml('"{{ .x }}": "{{ .host.id }}"\n', host))).toEqual({ '{{ .x }}': 'web-1' });
  });

  it('names each value that means nothing on a host', () => {
    const rendering = (): unknown =>
      renderYaml('a: "{{ .host.labels.x }}"\nb: "{{ .host.labels.y | upper }}"\n', host);
    expect(rendering).toThrow(PipelineError);
    expect(rendering).toThrow(/^a: The host has no label x.; b: The host has no label y.$/);
  });

  it('renders for a host by itself: its hash follows from its labels', () => {
    const on = (labels: Readonly<Record<string, string>>) =>
      renderStored(
        { yaml },
        { host: { ...host, labels: { ...host.labels, ...labels } }, criticalProcesses: [] },
      );
    expect(on({})).toEqual(on({ other: 'x' }));
    expect(on({}).hash).not.toBe(on({ role: 'db' }).hash);
    expect(on({}).imported).toBe(true);
  });
});

const spec = (target: string, name: string) => ({
  source: {
    ...{ kind: 'prometheus', intervalSeconds: 10, targets: [target], scheme: 'http' },
    ...{ path: '/metrics', sampleLimit: 1000 },
  },
  processors: [
    { kind: 'memoryLimiter', limitMebibytes: 200 },
    { kind: 'renameMetrics', renames: [{ from: 'a', to: name }] },
    { kind: 'identifyHost' },
  ],
  destination: { ref: 'default' },
});

describe('a specification with host variables', () => {
  const errors = (content: unknown) =>
    specFindings(content)
      .filter(({ severity }) => severity === 'error')
      .map(({ path, rule }) => [rule, path]);
  const rendered = (content: StoredContent) => renderStored(content, { host, criticalProcesses: [] }).yaml;

  it('is judged without a host, and rendered for one', () => {
    const content = spec(
      '{{ .host.labels.ip | default "127.0.0.1" }}:9100',
      'x.{{ .host.labels.role | trim | lower }}',
    );
    expect(errors(content)).toEqual([]);
    const text = rendered({ spec: content });
    expect(text).toContain('127.0.0.1:9100');
    expect(text).toContain('x.web');
    expect(rendered({ spec: spec('127.0.0.1:9100', 'x.web') })).toBe(text);
  });

  it('names what is wrong by its path, before a host or on it', () => {
    expect(errors(spec('{{ .host.ip }}:9100', '{{ .host.id | nope }}'))).toEqual([
      ['unknown-variable', 'source.targets.0'],
      ['unknown-function', 'processors.1.renames.0.to'],
    ]);
    const late = spec('{{ .host.labels.role }}:9100', 'b');
    expect(errors(late)).toEqual([]);
    expect(() => rendered({ spec: late })).toThrow(/source.targets.0: is no host:port/);
  });
});
