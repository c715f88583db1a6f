import { context, propagation, SpanStatusCode, trace } from '@opentelemetry/api';
import type { HandlesCommands } from '../command-handler/command-handler.js';

/** Spans go to whatever OpenTelemetry SDK the process was started with; without one they cost next to nothing. */
const tracer = trace.getTracer('phoenix');

/** The W3C headers of the span under way, for a message that leaves the process; none without a span. */
export function traceHeaders(): Readonly<Record<string, string>> {
  const carrier: Record<string, string> = {};
  propagation.inject(context.active(), carrier);
  return carrier;
}

/** The same handler, with a span round every command. Names and attributes are kinds, never ids. */
export function tracedHandler(handler: HandlesCommands): HandlesCommands {
  return {
    handle: (decider, ref, command, meta) =>
      tracer.startActiveSpan(`command ${ref.aggregate}`, async (span) => {
        try {
          const result = await handler.handle(decider, ref, command, meta);
          span.setAttribute('phoenix.events', result.events.length);
          return result;
        } catch (error) {
          span.setStatus({ code: SpanStatusCode.ERROR });
          throw error;
        } finally {
          span.end();
        }
      }),
    whenIdle: () => handler.whenIdle(),
  };
}
