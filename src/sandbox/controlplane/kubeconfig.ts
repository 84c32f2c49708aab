/** Text of a kubeconfig for one cluster and one user. JSON is YAML. */
import type { KeyPair } from './certificates.ts';

export interface KubeconfigParts {
  url: string;
  /** PEM of the authority that signed the API server's certificate. */
  ca: string;
  user: string;
  client: KeyPair;
  /** Name of cluster and context. */
  name?: string;
}

/** A kubeconfig with everything inline: it may be moved and copied. */
export function kubeconfigText({ url, ca, user, client, name = 'vfbench-sandbox' }: KubeconfigParts): string {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    clusters: [{ name, cluster: { server: url, 'certificate-authority-data': base64(ca) } }],
    users: [
      {
        name: user,
        user: { 'client-certificate-data': base64(client.certificate), 'client-key-data': base64(client.key) },
      },
    ],
    contexts: [{ name, context: { cluster: name, user } }],
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}
