/** Secrets as they turn up in texts, for tests. None of them is one. */

export interface Planted {
  text: string;
  /** What must not be seen. */
  secret: string;
}

const plain = (secret: string): Planted => ({ text: secret, secret });
const HIDDEN = 'hunter2-Xq';

export const PLANTED: readonly Planted[] = [
  plain('eyJhbGciOiJIUzI1NiIsInR5cCI6.eyJzdWIiOiIxMjM0NTY3ODkw.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV'),
  plain('AKIAIOSFODNN7EXAMPLE'),
  plain('ghp_16C7e42F292c6912E7710c838347Ae178B4a'),
  plain('q83vEjRWeJq83vEjRWeJq83vEjRWeJq83vEjRWeJq80='),
  plain('0c3f7a9e5b1d2468ace013579bdf2468ace013579bdf2468ace013579bdf1357'),
  plain('abcdef.0123456789abcdef'),
  plain('Zx81Qw7rTy0uIo3pAs5dFg9hJk2lMn4b'),
  { text: 'Bearer abcdefgh12345678', secret: 'abcdefgh12345678' },
  { text: 'Authorization: Basic dXNlcjpodW50ZXIy', secret: 'dXNlcjpodW50ZXIy' },
  { text: 'authorization: custom-scheme hunter2', secret: 'hunter2' },
  { text: `https://user:${HIDDEN}@example.com/x`, secret: HIDDEN },
  { text: `password=${HIDDEN}`, secret: HIDDEN },
  { text: `DB_PASSWORD: "${HIDDEN} with spaces"`, secret: 'with spaces' },
  { text: `{"token": "${HIDDEN}"}`, secret: HIDDEN },
  { text: `body {\\"client_secret\\":\\"${HIDDEN}\\"}`, secret: HIDDEN },
  { text: `curl --api-key ${HIDDEN}`, secret: HIDDEN },
  { text: `Set-Cookie: sid=${HIDDEN}`, secret: HIDDEN },
  {
    text: '-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIIrYSSNQFaA2\n-----END EC PRIVATE KEY-----',
    secret: 'MHcCAQEEIIrYSSNQFaA2',
  },
];
