import { ingressFinding } from './check-ingress.js';

const port = {
  ...{
    port: 4318,
    isWanted: true,
    isOpen: true,
    forwarded: 9,
    accepted: 8,
    unavailable: 1,
    copies: 8,
    dropped: 0,
  },
};

describe('what the doctor says of pushed data', () => {
  it('is well while shadows see all that the live collector takes', () => {
    expect(ingressFinding([])).toEqual({ detail: 'no pipeline takes pushed data' });
    expect(ingressFinding([port])).toEqual({
      detail:
        'port 4318 open: 9 requests forwarded, 8 accepted, 1 told to come again, 8 copied to shadows, 0 of these dropped',
    });
  });

  it('names the port for gRPC too, whose requests are among those counted', () => {
    const { detail } = ingressFinding([{ ...port, grpc: { port: 4317, isOpen: false } }]);
    expect(detail).toMatch(/^port 4318 open, for gRPC port 4317 closed: 9 requests forwarded, /);
  });

  it('is a finding once a copy was dropped, since a shadow has gaps then', () => {
    const closed = { ...port, port: 4319, isWanted: false, isOpen: false, dropped: 3 };
    const { detail, fix } = ingressFinding([port, closed]);
    expect(detail).toContain('; port 4319 closed: ');
    expect(fix).toMatch(/^shadows missed 3 requests/);
  });

  it('is a finding while a port that is wanted cannot be opened', () => {
    expect(ingressFinding([{ ...port, isOpen: false }]).fix).toBe('free port 4318: another program has it');
    const grpc = { port: 4317, isOpen: false };
    expect(ingressFinding([{ ...port, grpc }]).fix).toBe('free port 4317: another program has it');
  });
});
