import { grown, queueCounters, tcpCounters, TCP_COUNTERS } from './counters.js';

const netstat = `TcpExt: SyncookiesSent TCPTimeouts TCPOFOQueue TCPSACKReorder
TcpExt: 0 3 11 12
IpExt: InNoRoutes InOctets
IpExt: 5 900
`;
const snmp = `Ip: Forwarding DefaultTTL
Ip: 2 64
Tcp: RtoAlgorithm MaxConn RetransSegs
Tcp: 1 -1 4
`;

describe('the counters of a kernel', () => {
  it('are read by their names', () => {
    const counters = tcpCounters(netstat + snmp);
    expect(counters).toMatchObject({ TCPTimeouts: 3, TCPOFOQueue: 11, TCPSACKReorder: 12, RetransSegs: 4 });
  });

  it('are 0 where a kernel does not know them', () => {
    const counters = tcpCounters(snmp);
    expect(Object.keys(counters)).toEqual([...TCP_COUNTERS]);
    expect(counters['TCPOFOQueue']).toBe(0);
  });

  it('of queues are those of the devices that are asked for', () => {
    const report = JSON.stringify([
      { kind: 'htb', dev: 'r1', drops: 1, overlimits: 20 },
      { kind: 'clsact', dev: 'r1', drops: 4, overlimits: 0 },
      { kind: 'noqueue', dev: 'lo' },
      { kind: 'tbf', dev: 'i1', drops: 2, overlimits: 7 },
      { kind: 'tbf', dev: 'r2', drops: 100, overlimits: 100 },
    ]);
    expect(queueCounters(report, ['r1', 'i1'])).toEqual({ drops: 7, overlimits: 27 });
  });

  it('grow, from 0 where they begin anew', () => {
    expect(grown({ a: 5, b: 1, c: 2 }, { a: 2, c: 7 })).toEqual({ a: 3, b: 1, c: 2 });
  });
});
