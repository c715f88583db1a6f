import type { Finding, ImportRule, Severity } from '../findings.js';
import { isDoor, isMetrics, keptOf, readForeign, type Foreign, type Kept } from './foreign.js';
import { intervalsOf, LONGEST_SECONDS } from './intervals.js';
import { listenersOf, nameOf } from './listeners.js';
import { referencesIn } from './references.js';

/** What an imported configuration is to be; left out where it only stands in the catalogue. */
export type ImportRole = 'baseline' | 'candidate';

/**
 * What an agent makes of a host's own configuration: what it leaves out, what it cannot run, and what the host has to
 * permit. What stands in its way in an experiment is an error for a role and a warning without one. Says nothing of
 * whether the configuration is right; that is the validator's business.
 */
export function importFindings(text: string, role?: ImportRole): readonly Finding[] {
  let foreign: Foreign;
  try {
    foreign = readForeign(text);
  } catch {
    return [{ ...importRule('not-yaml', 'error', ''), ...unreadable }];
  }
  const kept = keptOf(foreign);
  const blocking: Severity = role === undefined ? 'warning' : 'error';
  return [
    ...signals(foreign, kept, blocking),
    ...connectors(foreign, kept, blocking),
    ...listeners(kept, role),
    ...extensions(foreign),
    ...intervals(kept, blocking),
    ...references(kept, role, blocking),
  ];
}

/** The errors among findings. */
export function errorsOf(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(({ severity }) => severity === 'error');
}

function importRule(
  rule: ImportRule,
  severity: Severity,
  path: string,
): Pick<Finding, 'rule' | 'severity' | 'path'> {
  return { rule, severity, path };
}

const unreadable = {
  message: 'The configuration cannot be read.',
  fix: 'See POST /pipelines/validate.',
};

function signals(foreign: Foreign, kept: Kept, blocking: Severity): readonly Finding[] {
  const left = Object.keys(foreign.service.pipelines).filter((id) => !isMetrics(id));
  const findings = left.map((id) => ({
    ...importRule('signal-left-out', 'warning', `service.pipelines.${id}`),
    message: `${id} is no metrics pipeline and is left out.`,
    fix: 'Keep a collector of your own for it.',
  }));
  if (kept.pipelines.length > 0) return findings;
  const nothingLeft = {
    ...importRule('no-metrics-pipeline', blocking, 'service.pipelines'),
    message: 'No metrics pipeline is left.',
    fix: 'Give a configuration that collects metrics.',
  };
  return [...findings, nothingLeft];
}

function connectors(foreign: Foreign, kept: Kept, blocking: Severity): readonly Finding[] {
  return kept.pipelines.flatMap(([pipeline, { exporters, receivers }]) =>
    [...new Set([...receivers, ...exporters])]
      .filter((id) => Object.hasOwn(foreign.connectors, id))
      .map((id) => ({
        ...importRule('connector-not-run', blocking, `service.pipelines.${pipeline}`),
        message: `${pipeline} rests on the connector ${id}; what passes between pipelines cannot be measured as output.`,
        fix: 'Give each metrics pipeline receivers and exporters of its own.',
      })),
  );
}

/** A candidate that is promoted is started once more beside itself; a baseline stays where it is. */
function listeners(kept: Kept, role: ImportRole | undefined): readonly Finding[] {
  return listenersOf({ receivers: kept.receivers }).map((listener) => ({
    ...importRule('listener-once', role === 'candidate' ? 'error' : 'warning', listener.path),
    message: `${nameOf(listener)}, which one collector at a time can do: it cannot be a candidate, and a baseline cannot be restarted beside itself.`,
    fix: 'Leave the receiver to a collector of your own, or use it as baseline only.',
  }));
}

function extensions({ service }: Foreign): readonly Finding[] {
  return service.extensions.flatMap((id, at) =>
    isDoor(id)
      ? [
          {
            ...importRule('extension-left-out', 'warning', `service.extensions.${at}`),
            message: `${id} is left out: two collectors of one host cannot have its port.`,
            fix: 'Ask the agent for the health of its collectors.',
          },
        ]
      : [],
  );
}

function intervals(kept: Kept, blocking: Severity): readonly Finding[] {
  return intervalsOf(kept).flatMap(({ isKnown, receiver, seconds }) => {
    const path = `receivers.${receiver}`;
    if (!isKnown) {
      const message = `How often ${receiver} scrapes is not known before it runs; 60 s are assumed.`;
      const fix = 'Write the interval like 10s.';
      return [{ ...importRule('interval-unknown', 'warning', path), message, fix }];
    }
    if (seconds <= LONGEST_SECONDS) return [];
    const message = `${receiver} scrapes every ${seconds} s; experiments compare at most ${LONGEST_SECONDS} s.`;
    const fix = 'Scrape at least once a minute.';
    return [{ ...importRule('interval-too-long', blocking, path), message, fix }];
  });
}

function references(kept: Kept, role: ImportRole | undefined, blocking: Severity): readonly Finding[] {
  const { receivers, processors, exporters, extensions: used } = kept;
  const author = { receivers, processors, ...(role !== 'candidate' && { exporters }), extensions: used };
  const { files, strange, variables } = referencesIn(author);
  return [
    ...variables.map((name) => mustPermit(`the variable ${name}`, 'PHOENIX_IMPORT_ENV')),
    ...files.map((place) => mustPermit(`the file ${place}`, 'PHOENIX_IMPORT_FILES')),
    ...strange.map((path) => ({
      ...importRule('reference-not-run', blocking, path),
      message: 'Hosts resolve variables and files only, and none inside of another.',
      fix: 'Write ${env:NAME} or ${file:/path}, or $$ where a plain $ is meant.',
    })),
  ];
}

function mustPermit(what: string, setting: string): Finding {
  return {
    ...importRule('host-must-permit', 'warning', ''),
    message: `It reads ${what}.`,
    fix: `Name it in ${setting} of each host's agent.`,
  };
}
