const BUDGET_MS = 5_000;

/**
 * Connections that a nats-server has given up because no pong came, as its monitor tells; 0 where it cannot be asked.
 * @param monitorUrl `http://…`
 */
export async function staleConnections(monitorUrl: string): Promise<number> {
  try {
    const answer = await fetch(`${monitorUrl}/varz`, { signal: AbortSignal.timeout(BUDGET_MS) });
    const { stale_connections: count } = (await answer.json()) as { readonly stale_connections?: number };
    return count ?? 0;
  } catch {
    return 0;
  }
}
