/** Who somebody is and what they may do, as the API server says. Neither question leaves anything behind there. */
import { type KubeClient, type KubeObject, SUBJECT_ACCESS_REVIEWS, TOKEN_REVIEWS } from '../kube/index.ts';
import { GROUP } from '../api/labels.ts';

/** As TokenReview tells it and SubjectAccessReview takes it. */
interface User {
  username: string;
  uid?: string;
  groups?: string[];
  extra?: Record<string, string[]>;
}

interface TokenReview extends KubeObject {
  spec: { token: string };
  status?: { authenticated?: boolean; user?: Partial<User> };
}

interface SubjectAccessReview extends KubeObject {
  spec: object;
  status?: { allowed?: boolean };
}

const CALL = { timeoutMs: 5000, tries: 2 };

export interface UserReviews {
  /** Null for a token that is not good for this API server. @throws ApiError, TransportError */
  authenticate(token: string): Promise<User | null>;
  /** @throws ApiError, TransportError */
  may(user: User, question: { verb: string; resource: string; namespace: string }): Promise<boolean>;
}

export function userReviews(client: KubeClient): UserReviews {
  return {
    authenticate: async (token) => {
      const { status } = await client.create<TokenReview>(
        TOKEN_REVIEWS,
        { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', metadata: { name: '' }, spec: { token } },
        CALL,
      );
      const { username = '', uid, groups, extra } = status?.user ?? {};
      if (status?.authenticated !== true || username === '') return null;
      return {
        username,
        ...(uid === undefined ? {} : { uid }),
        ...(groups === undefined ? {} : { groups }),
        ...(extra === undefined ? {} : { extra }),
      };
    },
    may: async ({ username, uid, groups, extra }, { verb, resource, namespace }) => {
      const { status } = await client.create<SubjectAccessReview>(
        SUBJECT_ACCESS_REVIEWS,
        {
          apiVersion: 'authorization.k8s.io/v1',
          kind: 'SubjectAccessReview',
          metadata: { name: '' },
          spec: { user: username, uid, groups, extra, resourceAttributes: { group: GROUP, resource, verb, namespace } },
        },
        CALL,
      );
      return status?.allowed === true;
    },
  };
}
