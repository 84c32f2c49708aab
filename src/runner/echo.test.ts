import { describe, expect, test } from '@jest/globals';
import { createSocket } from 'node:dgram';
import { answerProbes, probeMtu } from './echo.ts';

const forever = new AbortController().signal;
const OWN = '127.0.0.1';

async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, OWN, resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(resolve));
  return port;
}

describe('probes', () => {
  test('of the full MTU come back from the peer, from nobody else', async () => {
    const port = await freePort();
    const answering = await answerProbes({ address: OWN, port, key: 'k' });
    const peer = { address: OWN, own: OWN, port, key: 'k' };
    await probeMtu(peer, 1500, forever);
    await probeMtu(peer, 65_536, forever);
    const stopped = new AbortController();
    const wrong = probeMtu({ ...peer, key: 'other' }, 1500, stopped.signal);
    setTimeout(() => stopped.abort(new Error('stopped')), 700);
    await expect(wrong).rejects.toThrow('stopped');
    answering.close();
  });

  test('that do not come back are a named problem', async () => {
    const peer = { address: OWN, own: OWN, port: await freePort(), key: 'k' };
    await expect(probeMtu(peer, 9000, forever)).rejects.toMatchObject({ problem: { reason: 'MtuProbeFailed' } });
  }, 10_000);

  test('of strangers are not answered', async () => {
    const port = await freePort();
    const answering = await answerProbes({ address: OWN, port, key: 'k' });
    const stranger = createSocket('udp4');
    let answers = 0;
    stranger.on('message', () => answers++);
    for (const size of [0, 10, 48, 1400]) stranger.send(Buffer.alloc(size, 1), port, OWN);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(answers).toBe(0);
    stranger.close();
    answering.close();
  });
});
