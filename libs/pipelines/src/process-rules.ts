/**
 * Keeps processes: all of an executable, or with `pid` a single one. The pid alone would not do, because another
 * executable may get it again; with the executable beside it, a reused pid hardly ever matches by accident.
 */
export type ProcessRule = { readonly executable: string; readonly pid?: number };

/** The processes that a top-k pipeline keeps now, in the order of their pids. */
export type TopKSelection = { readonly members: readonly ProcessMember[] };

export type ProcessMember = { readonly pid: number; readonly executable: string };

/** One key for each process; a reused pid with another executable is another process. */
export function memberKey({ pid, executable }: ProcessMember): string {
  return `${pid} ${executable}`;
}

/** The selection of these processes, whatever else is known of them. */
export function selectionOf(members: readonly ProcessMember[]): TopKSelection {
  return {
    members: members.map(({ pid, executable }) => ({ pid, executable })).sort((a, b) => a.pid - b.pid),
  };
}

/** Rules for executables, each once and in a fixed order, so that equal sets render to equal bytes. */
export function executableRules(...lists: readonly (readonly string[])[]): readonly ProcessRule[] {
  return [...new Set(lists.flat())].sort().map((executable) => ({ executable }));
}

/** What a top-k pipeline keeps: every critical executable, and the selected processes besides. */
export function topKRules(
  critical: readonly string[],
  selection: TopKSelection | undefined,
): readonly ProcessRule[] {
  const always = executableRules(critical);
  const members = (selection?.members ?? []).filter(({ executable }) => !critical.includes(executable));
  return [...always, ...[...members].sort((a, b) => a.pid - b.pid)];
}
