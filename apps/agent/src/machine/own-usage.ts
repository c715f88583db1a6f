import type { Clock } from '#lib/agent-core';

/** Measures what the agent itself costs: percent of one core since the last look, resident bytes now. */
export function ownUsage(clock: Clock): () => { readonly cpuPercent: number; readonly rssBytes: number } {
  let before = { cpu: process.cpuUsage(), at: clock.now() };
  return () => {
    const now = { cpu: process.cpuUsage(), at: clock.now() };
    const usedMs = (now.cpu.user + now.cpu.system - before.cpu.user - before.cpu.system) / 1000;
    const passedMs = Math.max(now.at - before.at, 1);
    before = now;
    return {
      cpuPercent: Math.round((usedMs / passedMs) * 10_000) / 100,
      rssBytes: process.memoryUsage.rss(),
    };
  };
}
