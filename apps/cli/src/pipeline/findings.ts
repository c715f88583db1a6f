import type { ValidationAnswer } from '#lib/client';

/** Findings in words, each with its fix below it, and how many there are. */
export function findingsText(subject: string, { errors, findings, warnings }: ValidationAnswer): string {
  if (findings.length === 0) return `${subject}: nothing found`;
  const lines = findings.map(({ severity, line, column, path, message, rule, fix }) => {
    const place = line === null ? path : `${line}:${column ?? 1} ${path}`;
    return `${severity.padEnd(7)}  ${place}: ${message} [${rule}]\n         fix: ${fix}`;
  });
  return [`${subject}: ${errors} errors, ${warnings} warnings`, ...lines].join('\n');
}
