/** Metrics in words, for people; in JSON, CSV and expectations they have the catalogue's names. */

const NAMES: Readonly<Record<string, string>> = {
  rttP50: 'round trip, median',
  rttP90: 'round trip, 90th percentile',
  rttP99: 'round trip, 99th percentile',
  rttP999: 'round trip, 99.9th percentile',
  rttMean: 'round trip, mean',
  transactionRate: 'transactions per second',
  lossRatio: 'share of messages lost',
  throughput: 'throughput at the receiver',
  bulkThroughput: 'throughput of the stream beside it',
  retransmits: 'TCP retransmissions',
  packetRate: 'packets per second at the receiver',
  offeredRate: 'messages per second that were sent',
  ndrRate: 'highest rate without loss (NDR)',
  pdrRate: 'highest rate with at most 0.5 % loss (PDR)',
  maxOfferedRate: 'highest rate that could be sent',
  cpuSeenByClient: 'CPUs in use, seen by the client',
  cpuSeenByServer: 'CPUs in use, seen by the server',
  cpuSeenByClientPerByte: 'CPU time per byte, seen by the client',
  cpuSeenByServerPerByte: 'CPU time per byte, seen by the server',
  cpuSeenByClientPerPacket: 'CPU time per packet, seen by the client',
  cpuSeenByServerPerPacket: 'CPU time per packet, seen by the server',
};

/** A metric in words, its own name where it has none: a report of a later program may have one that is not known here. */
export const metricName = (metric: string): string =>
  Object.hasOwn(NAMES, metric) ? (NAMES[metric] ?? metric) : metric;
