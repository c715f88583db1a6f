import {
  context,
  propagation,
  ROOT_CONTEXT,
  type ContextManager,
  type TextMapPropagator,
} from '@opentelemetry/api';
import { traceHeaders } from './traced.js';

describe('trace context', () => {
  afterEach(() => {
    propagation.disable();
    context.disable();
  });

  it('adds nothing to messages while nobody traces', () => {
    expect(traceHeaders()).toEqual({});
  });

  it('travels in the headers that the installed propagator writes', () => {
    const propagator: TextMapPropagator = {
      inject: (_context, carrier, setter) => setter.set(carrier, 'traceparent', '00-ab-cd-01'),
      extract: (from) => from,
      fields: () => ['traceparent'],
    };
    const manager: ContextManager = {
      active: () => ROOT_CONTEXT,
      with: (_context, run, self, ...rest) => run.call(self, ...rest),
      bind: (_context, target) => target,
      enable: () => manager,
      disable: () => manager,
    };
    context.setGlobalContextManager(manager);
    propagation.setGlobalPropagator(propagator);
    expect(traceHeaders()).toEqual({ traceparent: '00-ab-cd-01' });
  });
});
