import { ingressFinding } from './check-ingress.js';

const port = {
  ...{ port: 4318, isOpen: true, forwarded: 9, accepted: 8, unavailable: 1, copies: 8, dropped: 0 },
};

describe('what the doctor says of pushed data', () => {
  it('is well while shadows see all that the live collector takes', () => {
    expect(ingressFinding([])).toEqual({ detail: 'no pipeline takes pushed data' });
    expect(ingressFinding([port])).toEqual({
      detail:
        'port 4318 open: 9 requests forwarded, 8 accepted, 1 told to come again, 8 copied to shadows, 0 of these dropped',
    });
  });

  it('is a finding once a copy was dropped, since figures of a shadow are too low then', () => {
    const { detail, fix } = ingressFinding([port, { ...port, port: 4319, isOpen: false, dropped: 3 }]);
    expect(detail).toContain('; port 4319 closed: ');
    expect(fix).toMatch(/^shadows missed 3 requests/);
  });
});
