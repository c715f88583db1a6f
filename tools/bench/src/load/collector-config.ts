/** A plausible collector configuration of about this many lines: many pipelines with their own components. */
export function collectorConfig(lines: number): string {
  const ids = Array.from({ length: Math.round(lines / LINES_EACH) }, (_, at) => `p${at}`);
  return [
    'receivers:',
    ...ids.map(
      (id, at) => `  hostmetrics/${id}:
    collection_interval: 30s
    scrapers:
      process:
        mute_process_all_errors: true
        include:
          match_type: regexp
          names: ["^app-${at}-.*$$"]`,
    ),
    'processors:',
    ...ids.map(
      (id, at) => `  filter/${id}:
    error_mode: ignore
    metric_conditions:
      - context: resource
        conditions:
          - attributes["process.executable.name"] == "worker-${at}"
          - IsMatch(attributes["process.executable.name"], "^noise-${at}[.]")
  resource/${id}:
    attributes:
      - key: host.name
        value: host-${at}
        action: upsert
  batch/${id}:
    timeout: 5s
    send_batch_size: 4096`,
    ),
    'exporters:',
    ...ids.map(
      (id, at) => `  otlphttp/${id}:
    endpoint: https://collector-${at}.example.org
    compression: gzip
    headers:
      authorization: Bearer \${env:TOKEN_${at}}`,
    ),
    'service:',
    '  pipelines:',
    ...ids.map(
      (id) => `    metrics/${id}:
      receivers: [hostmetrics/${id}]
      processors: [filter/${id}, resource/${id}, batch/${id}]
      exporters: [otlphttp/${id}]`,
    ),
    '',
  ].join('\n');
}

const LINES_EACH = 32;
