/** Presses a guest's power button over QEMU's control socket. */
import { connect } from 'node:net';

const TIMEOUT_MS = 5000;

/** Settles once QEMU has the order; also where QEMU is gone already. The guest decides what it does. */
export function pressPowerButton(path: string): Promise<void> {
  const orders = ['qmp_capabilities', 'system_powerdown'];
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy());
    socket.on('error', () => socket.destroy());
    socket.on('close', () => resolve());
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (text.split('"return"').length > orders.length) socket.end();
    });
    for (const order of orders) socket.write(`${JSON.stringify({ execute: order })}\n`);
  });
}
