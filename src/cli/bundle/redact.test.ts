import { describe, expect, test } from '@jest/globals';
import { Addresses } from './addresses.ts';
import { PLANTED } from './planted.testing.ts';
import { Redactor } from './redact.ts';
import { REDACTED } from './secrets.ts';

const clean = (value: unknown): unknown => new Redactor(null).value(value);

/** An object of each kind that a bundle holds, with the strings that users, guests and others write. */
const OBJECTS: Record<string, object> = {
  Experiment: {
    metadata: { name: 'exp', labels: { team: 'x' }, annotations: { 'vfbench.io/x': 'x', 'example.com/note': 'x' } },
    spec: { testbed: 'lab', modes: [{ name: 'native', type: 'Native' }] },
    status: { conditions: [{ type: 'Finished', reason: 'CellFailed', message: 'x' }], results: [{ unit: 's' }] },
  },
  Trial: {
    status: {
      endpoints: [{ name: 'server-0', driver: 'mlx5', kernel: '6.12', tools: [{ name: 'iperf3', version: '3' }] }],
      raw: [{ endpoint: 'server-0', digest: 'x', data: 'left out: 3 characters' }],
    },
  },
  Pod: {
    spec: {
      containers: [
        {
          image: 'x',
          command: ['sh', '-c', 'x'],
          args: ['x'],
          env: [{ name: 'HOME', value: 'x' }],
          volumeMounts: [{ mountPath: '/x' }],
        },
      ],
      imagePullSecrets: [{ name: 'pull' }],
      volumes: [{ secret: { secretName: 'own', items: [{ key: 'server-0.json', path: 'endpoint.json' }] } }],
    },
    status: { containerStatuses: [{ state: { waiting: { reason: 'x', message: 'x' } } }] },
  },
  VirtualMachineInstance: {
    spec: {
      accessCredentials: [{ sshPublicKey: { source: { secret: { secretName: 'k' } } } }],
      volumes: [{ cloudInitNoCloud: { userData: 'x', networkData: 'x', secretRef: { name: 'own' } } }],
    },
  },
  NetworkAttachmentDefinition: { spec: { config: '{"type":"sriov","ipam":{"type":"x"},"args":{"cni":{"a":"x"}}}' } },
  Event: { reason: 'x', message: 'x', note: 'x', source: { component: 'x' }, related: { fieldPath: 'x' } },
  Node: { status: { nodeInfo: { kernelVersion: 'x' }, conditions: [{ message: 'x' }] } },
  log: { level: 30, msg: 'x', err: { message: 'x', stack: 'Error: x\n at x' } },
};

/** The object with one string changed, for each string in it. */
function* planted(value: unknown, text: string): Generator<unknown> {
  if (typeof value === 'string') {
    yield text;
    yield `${value} ${text} (exit code 1)`;
    if (value.startsWith('{'))
      for (const inner of planted(JSON.parse(value) as unknown, text)) yield JSON.stringify(inner);
  } else if (Array.isArray(value)) {
    for (const [i, item] of value.entries())
      for (const inner of planted(item, text)) yield value.map((same: unknown, j) => (i === j ? inner : same));
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value))
      for (const inner of planted(item, text)) yield { ...value, [key]: inner };
  }
}

describe.each(Object.entries(OBJECTS))('a secret in any string of %s', (kind, object) => {
  test.each(PLANTED.map((each) => [each.text, each.secret]))('%s', (text, secret) => {
    let places = 0;
    for (const changed of planted(object, text)) {
      places++;
      expect(JSON.stringify(clean(changed))).not.toContain(secret);
      expect(new Redactor(null).lines(`${JSON.stringify(changed)}\nplain ${text}\n`)).not.toContain(secret);
    }
    expect([kind, places > 2]).toEqual([kind, true]);
  });
});

describe('what a name or a place tells', () => {
  test.each<[string, object, object]>([
    [
      'variables',
      {
        env: [
          { name: 'LOG_LEVEL', value: 'info' },
          { name: 'GREETING', value: 'plain words' },
          { name: 'A', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } },
        ],
      },
      {
        env: [
          { name: 'LOG_LEVEL', value: 'info' },
          { name: 'GREETING', value: REDACTED },
          { name: 'A', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } },
        ],
      },
    ],
    ['fields', { password: 'plain', pin: { token: 1234 } }, { password: REDACTED, pin: { token: REDACTED } }],
    [
      'all below a field',
      { credentials: { user: 'plain', list: ['words'] } },
      { credentials: { user: REDACTED, list: [REDACTED] } },
    ],
    ['arguments', { args: ['--password', 'plain', '-v'] }, { args: ['--password', REDACTED, '-v'] }],
    [
      'named values',
      { headers: [{ name: 'Cookie', value: 'plain' }] },
      { headers: [{ name: 'Cookie', value: REDACTED }] },
    ],
    [
      'annotations of others',
      { annotations: { 'example.com/a': 'plain', 'k8s.v1.cni.cncf.io/networks': '[{"name":"vf"}]' } },
      { annotations: { 'example.com/a': REDACTED, 'k8s.v1.cni.cncf.io/networks': '[{"name":"vf"}]' } },
    ],
    [
      'what was applied',
      { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': 'x' }, managedFields: [1] },
      { annotations: {} },
    ],
    [
      'guest data',
      { cloudInitNoCloud: { userData: '#cloud-config', secretRef: { name: 's' } } },
      { cloudInitNoCloud: { userData: REDACTED, secretRef: { name: 's' } } },
    ],
    [
      'a projected token',
      { serviceAccountToken: { path: 'token', expirationSeconds: 3607 } },
      { serviceAccountToken: { path: 'token', expirationSeconds: 3607 } },
    ],
  ])('%s', (_, given, wanted) => expect(clean(given)).toEqual(wanted));

  test('endless nesting ends', () => {
    let value: object = {};
    for (let i = 0; i < 10_000; i++) value = { value };
    expect(JSON.stringify(clean(value))).toContain(REDACTED);
  });
});

test('addresses: one address, one name; what only looks like one stays', () => {
  const redactor = new Redactor(new Addresses());
  const given = {
    mac: '02:00:00:00:01:01',
    message: '192.168.50.1/24 asks 192.168.50.2 (02:00:00:00:01:01, fd00::1) at 10:06:47, 0000:3b:02.0, v1.2.3.4-rc',
    again: 'FD00::1 and 192.168.50.1',
  };
  expect(redactor.value(given)).toEqual({
    mac: 'mac-1',
    message: 'ip-2/24 asks ip-3 (mac-1, ip-1) at 10:06:47, 0000:3b:02.0, v1.2.3.4-rc',
    again: 'ip-1 and ip-2',
  });
  expect(new Redactor(null).value(given)).toEqual(given);
});
