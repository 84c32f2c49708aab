/** Between what a pair's tools run. */
export interface Path {
  /** Data addresses without prefix length; binding to the own one keeps the traffic on the data NIC. */
  peer: string;
  own: string;
  /** Where the tool's server listens. */
  port: number;
  /** The server's port of the second connection, of tools that make one. */
  dataPort: number;
}

/** One server of a point, and how it is known to listen. */
export interface ServerCommand {
  command: string[];
  port: number;
  /** What the listening socket is; the measurement may use another. */
  listens: 'tcp' | 'udp';
  /** Serves one client, and ends by itself with code 0: wait for it. Others serve until a signal. */
  once: boolean;
}
