// What `helm test` runs inside the cluster: the operator answers, its kinds are served, the API server knows a good Testbed
// from a bad one, and refuses the good one to an author who may not create pods, as this pod's account. Exit code 1 where
// one of them is not so. Nothing is created: all is asked with dryRun=All.
import { readFile } from 'node:fs/promises';

const {
  READY_URL,
  NAMESPACE,
  API_URL = 'https://kubernetes.default.svc',
  ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount',
} = process.env;
const GROUP = '/apis/vfbench.io/v1alpha1';
const PATIENCE_MS = Number(process.env.PATIENCE_SECONDS ?? 60) * 1000;

const TESTBED = {
  apiVersion: 'vfbench.io/v1alpha1',
  kind: 'Testbed',
  metadata: { name: 'helm-test' },
  spec: {
    nodes: { server: { names: ['a'] }, client: { names: ['b'] } },
    link: { bitsPerSecond: '10G', mtu: 1500 },
    subnet: '192.0.2.0/24',
    networks: [{ name: 'native', attachment: 'native' }],
    pod: { image: 'none' },
  },
};

async function call(path, body) {
  const token = await readFile(`${ACCOUNT}/token`, 'utf8');
  const headers = { authorization: `Bearer ${token.trim()}`, 'content-type': 'application/json' };
  const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  const reply = await fetch(`${API_URL}${path}`, { ...init, headers, signal: AbortSignal.timeout(10_000) });
  return { status: reply.status, body: await reply.json().catch(() => ({})) };
}

async function operator() {
  const reply = await fetch(READY_URL, { signal: AbortSignal.timeout(5_000) });
  if (!reply.ok) throw new Error(`${READY_URL} answered ${reply.status}: ${await reply.text()}`);
}

async function kinds() {
  const { status, body } = await call(GROUP);
  const found = (body.resources ?? []).map(({ name }) => name);
  const missing = ['testbeds', 'experiments', 'trials'].filter((name) => !found.includes(name));
  if (missing.length > 0) throw new Error(`${GROUP} answered ${status}, without ${missing.join(', ')}`);
}

async function dryRun() {
  const path = `${GROUP}/namespaces/${NAMESPACE}/testbeds?dryRun=All`;
  const good = await call(path, TESTBED);
  const isKept = good.status === 403 && String(good.body.message).includes('you may not create pods in namespace');
  if (process.env.ADMISSION_POLICY === 'true' ? !isKept : good.status !== 201)
    throw new Error(`a good Testbed was answered with ${good.status}: ${good.body.message}`);
  const bad = await call(path, { ...TESTBED, spec: { ...TESTBED.spec, subnet: 'none' } });
  if (bad.status !== 422) throw new Error(`a bad Testbed was answered with ${bad.status}, not refused`);
}

/** Again and again: an operator that has just been installed is still starting. */
async function hold(what, check) {
  for (const end = Date.now() + PATIENCE_MS; ; ) {
    try {
      await check();
      return console.log(`ok ${what}`);
    } catch (error) {
      if (Date.now() > end) throw new Error(`${what}: ${error.message} ${error.cause?.message ?? ''}`.trim());
      await new Promise((resolve) => setTimeout(resolve, 2_000));
    }
  }
}

try {
  await hold('the operator is ready', operator);
  await hold('its kinds are served', kinds);
  if (process.env.DRY_RUN === 'true') await hold('Testbeds are checked, and whose they are', dryRun);
} catch (error) {
  console.error(`failed: ${error.message}`);
  process.exitCode = 1;
}
